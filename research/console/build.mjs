// Builds the console into dist/. What index.html loads has a digest of its content in its name: browsers keep it for a year, and a new
// version has other names.

import {createHash} from 'node:crypto';
import {copyFileSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {build} from 'esbuild';

const {outputFiles} = await build({
  entryPoints: ['src/main.tsx', 'src/style.css'], bundle: true, minify: true, target: 'es2022', outdir: 'dist', entryNames: '[name]',
  legalComments: 'linked', logLevel: 'warning', write: false,
});
mkdirSync('dist', {recursive: true});
let page = readFileSync('src/index.html', 'utf8');
for (const {path: file, contents} of outputFiles) {
  const {name, ext} = path.parse(file);
  const digest = createHash('sha256').update(contents).digest('hex').slice(0, 20);
  const named = ext === '.txt' ? `${name}${ext}` : `${name}.${digest}${ext}`;
  page = page.replace(`"${name}${ext}"`, `"${named}"`);
  writeFileSync(`dist/${named}`, contents);
}
writeFileSync('dist/index.html', page);
copyFileSync('../players/icon.svg', 'dist/icon.svg');
