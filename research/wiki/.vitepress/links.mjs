// Links between pages are written for the tree, so that they work wherever it is read; here they become those of the site.

import path from 'node:path';
import {pageOf} from './files.mjs';

// The names that the checks of the tree, and GitHub, give to headings.
const slug = (heading) => heading.toLowerCase().replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, '').replaceAll(' ', '-');

function use(markdown, tree, files) {
  markdown.core.ruler.push('links_of_the_tree', ({tokens, env}) => {
    const folder = path.dirname(env.realPath ?? env.path);
    const language = path.basename(folder);
    for (const token of tokens.flatMap((one) => one.children ?? [])) {
      const target = token.type === 'link_open' ? token.attrGet('href') : null;
      if (!target || /^([a-z]+:|#|\/)/.test(target)) continue;
      const file = path.relative(tree, path.resolve(folder, decodeURIComponent(target.split('#')[0])));
      if (files.includes(file)) token.attrSet('href', `/${language}/files/${pageOf(file)}.md`);
    }
  });
}

export const links = {slug, use};
