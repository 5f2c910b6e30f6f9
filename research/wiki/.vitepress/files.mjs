// Files of the tree that pages lead to: each has a page of its own that shows it.

import {readdirSync, readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';

export const tree = fileURLToPath(new URL('../../../', import.meta.url));

const languages = {conf: 'nginx', py: 'python', service: 'ini', md: 'markdown'};
const others = ['research/hook-server/hook_server.py', 'scripts/systemd/weir.service', 'research/monitoring/alerts.yaml'];
const documents = ['CHANGELOG.md', 'SECURITY.md', 'CONTRIBUTING.md', 'research/players/README.md'];

export const pageOf = (file) => file.replaceAll('/', '-').replace(/\.md$/, '').replaceAll('.', '-').toLowerCase();

export function filesOfTree() {
  const examples = readdirSync(`${tree}conf`).filter((name) => name.endsWith('.conf')).map((name) => `conf/${name}`);
  return [...examples, ...others, ...documents];
}

// As dynamic routes want it. What a document links to in the tree does not stand in the site: it is told by name.
export function pages() {
  return filesOfTree().map((file) => {
    const text = readFileSync(tree + file, 'utf8');
    const name = file.split('/').at(-1);
    const shown = file.endsWith('.md')
      ? text.replace(/\[((?:[^\][]|\[[^\]]*\])*)\]\((?!https?:)[^)]*\)/g, '$1').replace(/^#+ .*\n/, '')
      : `\`\`\`${languages[name.split('.').at(-1)] ?? ''}\n${text}\`\`\`\n`;
    return {params: {page: pageOf(file), name: file}, content: shown};
  });
}
