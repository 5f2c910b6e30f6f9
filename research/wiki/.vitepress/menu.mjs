// The menu of one language, out of the table of wiki/README.md: a first cell in bold begins a group.

import {readFileSync} from 'node:fs';

const columns = {en: 2, zh: 3};
const groups = {
  zh: {
    Begin: '开始', Streams: '流', Protocols: '协议', Control: '控制', Operation: '运维', Help: '帮助', 'Coming from': '迁移', Reference: '参考',
    Project: '项目',
  },
};
const first_shown = 2;  // groups that are open at first

export function menu(tree, language) {
  const found = [];
  for (const line of readFileSync(`${tree}wiki/README.md`, 'utf8').split('\n')) {
    const cells = line.split('|').map((cell) => cell.trim());
    const [, text, page] = /^\[(.+)\]\((.+)\.md\)$/.exec(cells[columns[language]] ?? '') ?? [];
    if (!page) continue;
    const group = /^\*\*(.+)\*\*$/.exec(cells[1])?.[1];
    if (group) found.push({text: groups[language]?.[group] ?? group, items: []});
    found.at(-1).items.push({text, link: `/${page}`});
  }
  return found.map((group, at) => ({...group, collapsed: at >= first_shown}));
}
