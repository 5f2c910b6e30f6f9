// The wiki as a site. Its pages are those of wiki/, its menus the table of wiki/README.md: a page is written in one place.

import {copyFileSync} from 'node:fs';
import {defineConfig} from 'vitepress';
import {filesOfTree, tree} from './files.mjs';
import {links} from './links.mjs';
import {menu} from './menu.mjs';
import {searching, words} from './words.mjs';

const locale = (language) => {
  const {title, description, label, lang, ...theme} = words[language];
  return {
    label, lang, title, description, link: `/${language}/`,
    themeConfig: {...theme, nav: menu(tree, language), sidebar: menu(tree, language)},
  };
};

// The pages lie outside of the folder that has the packages.
const vueForPages = {
  name: 'vue-for-pages',
  enforce: 'pre',
  resolveId(id, importer) {
    if (!/^vue($|\/)/.test(id) || !importer || importer.includes('node_modules')) return null;
    return this.resolve(id, `${tree}research/wiki/package.json`, {skipSelf: true});
  },
};

export default defineConfig({
  title: 'Weir',
  description: 'A live media server',
  srcDir: tree,
  srcExclude: ['{build,cmake,conf,docker,objs,package,plugins,scripts,tests,trunk}/**', '*.md',
    'research/{console,demo,hook-server,monitoring,players}/**', 'research/wiki/*.md', 'wiki/README.md'],
  outDir: `${tree}build/wiki`,
  cacheDir: `${tree}build/npm/wiki-cache`,
  rewrites: {
    'research/wiki/pages/:page': ':page',
    'research/wiki/pages/:language/:page': ':language/:page',
    'research/wiki/pages/:language/files/:page': ':language/files/:page',
    'wiki/:language/:page': ':language/:page',
  },
  locales: {en: locale('en'), zh: locale('zh')},
  head: [['link', {rel: 'icon', type: 'image/svg+xml', href: '/icon.svg'}]],
  cleanUrls: false,  // any server of files serves it
  lastUpdated: false,
  metaChunk: true,
  markdown: {
    anchor: {slugify: (heading) => links.slug(heading)},
    languageAlias: {conf: 'nginx'},
    config: (markdown) => links.use(markdown, tree, filesOfTree()),
  },
  vite: {
    publicDir: false,
    plugins: [vueForPages],
    server: {fs: {allow: [tree]}},
    build: {chunkSizeWarningLimit: 1500},
  },
  buildEnd: ({outDir}) => copyFileSync(`${tree}research/players/icon.svg`, `${outDir}/icon.svg`),
  themeConfig: {
    logo: '/icon.svg',
    externalLinkIcon: true,
    search: {
      provider: 'local',
      options: {
        locales: {zh: {translations: searching}},
        miniSearch: {
          options: {
            // A text without blanks between its words is found by each pair of its letters. Goes to the browser as text: it knows nothing
            // of this file.
            tokenize: (text) => text.toLowerCase().split(/[\s\p{P}\p{Z}]+/u).flatMap((word) => {
              if (!/\p{Script=Han}/u.test(word)) return word ? [word] : [];
              const parts = word.match(/\p{Script=Han}+|[^\p{Script=Han}]+/gu) ?? [];
              return parts.flatMap((part) => (/\p{Script=Han}/u.test(part) && part.length > 1
                ? Array.from({length: part.length - 1}, (_, at) => part.slice(at, at + 2)) : [part]));
            }),
          },
          searchOptions: {combineWith: 'AND', prefix: true, fuzzy: 0.15, boost: {title: 4, text: 2, titles: 1}},
        },
      },
    },
  },
});
