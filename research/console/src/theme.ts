// Light, dark, or as the system has it; kept for the next visit, as the page keeps it.

const place = 'weir-theme';
const themes = ['auto', 'light', 'dark'] as const;
export type Theme = typeof themes[number];
const changed = new EventTarget();

const kept = () => {
  try {
    return localStorage.getItem(place);
  } catch {
    return null;  // storage may be forbidden
  }
};
const wished = new URLSearchParams(location.search).get('theme') ?? kept();
let theme: Theme = themes.find((one) => one === wished) ?? 'auto';

export const themeNow = () => theme;

export function applyTheme() {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  changed.dispatchEvent(new Event('change'));
}

export function switchTheme() {
  theme = themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'auto';
  try {
    localStorage.setItem(place, theme);
  } catch {
    // The choice lasts as long as the page.
  }
  applyTheme();
}

// Calls when colours have changed, by choice or by the system; gives what ends it.
export function onColours(act: () => void): () => void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  dark.addEventListener('change', act);
  changed.addEventListener('change', act);
  return () => {
    dark.removeEventListener('change', act);
    changed.removeEventListener('change', act);
  };
}
