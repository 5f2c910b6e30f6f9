// Files of the tree that pages lead to: each has a page of its own that shows it.

import {readdirSync, readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {apiFiles, apiPage} from './api.mjs';

export const tree = fileURLToPath(new URL('../../../', import.meta.url));

const languages = {conf: 'nginx', py: 'python', service: 'ini', md: 'markdown'};
const others = ['research/hook-server/hook_server.py', 'scripts/systemd/weir.service', 'research/monitoring/alerts.yaml'];
const documents = ['CHANGELOG.md', 'SECURITY.md', 'CONTRIBUTING.md', 'research/players/README.md'];

export const pageOf = (file) => file.replace('trunk/app/api/openapi/', 'api-').replace('.json', '').replaceAll('/', '-').replace(/\.md$/, '').replaceAll('.', '-').toLowerCase();

export function filesOfTree() {
  const examples = readdirSync(`${tree}conf`).filter((name) => name.endsWith('.conf')).map((name) => `conf/${name}`);
  return [...examples, ...others, ...documents, ...apiFiles(tree)];
}

// As dynamic routes want it. What a document links to in the tree does not stand in the site: it is told by name.
export function pages(language) {
  return filesOfTree().map((file) => {
    if (file.startsWith('trunk/app/api/')) return {params: {page: pageOf(file), name: `HTTP API: ${file.split('/').at(-1).replace('.json', '')}`}, content: apiPage(tree, file, language)};
    const text = readFileSync(tree + file, 'utf8');
    const name = file.split('/').at(-1);
    const shown = file.endsWith('.md')
      ? text.replace(/\[((?:[^\][]|\[[^\]]*\])*)\]\((?!https?:)[^)]*\)/g, '$1').replace(/^#+ .*\n/, '')
      : `\`\`\`${languages[name.split('.').at(-1)] ?? ''}\n${text}\`\`\`\n`;
    return {params: {page: pageOf(file), name: file}, content: shown};
  });
}
