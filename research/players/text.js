// Every word of the pages, in both languages (words.en.js, words.zh.js). Elements name theirs with data-text.

import {en} from './words.en.js';
import {zh} from './words.zh.js';

const words = {en, zh};
const storage = 'weir-language';

const kept = () => {
  try {
    return localStorage.getItem(storage);
  } catch {
    return null;  // storage may be forbidden
  }
};
const wished = new URLSearchParams(location.search).get('lang') ?? kept() ?? navigator.language;
let language = wished?.startsWith('zh') ? 'zh' : 'en';
const listeners = [];

// undefined for a key that is no word.
export const text = (key, ...values) => {
  const word = words[language][key];
  return typeof word === 'function' ? word(...values) : word;
};

export const onLanguage = (listener) => listeners.push(listener);

export function applyText() {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  for (const element of document.querySelectorAll('[data-text]')) element.textContent = text(element.dataset.text);
}

function switchLanguage() {
  language = language === 'zh' ? 'en' : 'zh';
  try {
    localStorage.setItem(storage, language);
  } catch {
    // The choice lasts as long as the page.
  }
  applyText();
  for (const listener of listeners) listener();
}

// The button that names the other language, and what is made anew in it.
export function setUpLanguage(from, show) {
  const name = () => { from.textContent = text('other'); };
  from.addEventListener('click', switchLanguage);
  onLanguage(() => { name(); show(); });
  name();
}
