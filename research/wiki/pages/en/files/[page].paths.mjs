import {pages} from '../../../.vitepress/files.mjs';

export default {paths: () => pages('en')};
