// Light, dark, or as the system has it; kept for the next visit.

import {onLanguage, text} from './text.js';

const key = 'weir-theme';
const themes = ['auto', 'light', 'dark'];

const kept = () => {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;  // storage may be forbidden
  }
};
let theme = [new URLSearchParams(location.search).get('theme'), kept()].find((one) => themes.includes(one)) ?? 'auto';

export function applyTheme() {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export function setUpTheme(from) {
  const show = () => { from.textContent = text(`theme_${theme}`); };
  from.addEventListener('click', () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    try {
      localStorage.setItem(key, theme);
    } catch {
      // The choice lasts as long as the page.
    }
    applyTheme();
    show();
  });
  onLanguage(show);
  show();
}

applyTheme();
