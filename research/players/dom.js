// Small helpers of all pages. Words reach the page as text only.

import {text} from './text.js';

export const $ = (id) => document.getElementById(id);

export function element(kind, className, ...content) {
  const made = document.createElement(kind);
  if (className) made.className = className;
  made.append(...content.filter((one) => one !== undefined && one !== null));
  return made;
}

export function button(className, content, onClick) {
  const made = element('button', className, content);
  made.type = 'button';
  made.addEventListener('click', () => onClick(made));
  return made;
}

export async function copy(value, from) {
  try {
    await navigator.clipboard.writeText(value);
  } catch {
    // Without HTTPS there is no clipboard API: select and copy the old way.
    const field = element('textarea', 'off-screen', value);
    document.body.append(field);
    field.select();
    document.execCommand('copy');
    field.remove();
  }
  const said = from.textContent;
  if (said === text('copied')) return;
  from.textContent = text('copied');
  setTimeout(() => { from.textContent = said; }, 1500);
}

// Lines break between words and behind the marks of an address, never inside a word.
function breakable(value) {
  const code = element('code', '');
  for (const word of value.split(/(?<= )/)) {
    const pieces = word.includes('://') ? word.split(/(?<=[/?&,])(?<!:\/\/)(?=[^/])/) : [word];
    for (const piece of pieces) code.append(element('span', '', piece.trimEnd()), piece.endsWith(' ') ? ' ' : document.createElement('wbr'));
  }
  return code;
}

// Rows of [name, value]: what it is, the value, a button that copies it.
export function showTargets(place, targets) {
  place.replaceChildren(...targets.map(([name, value]) => {
    const label = text(name) ?? name;
    const taking = button('plain', text('copy'), (from) => copy(value, from));
    taking.setAttribute('aria-label', `${text('copy')}: ${label}`);
    return element('div', 'url', element('span', 'quiet', label), breakable(value), taking);
  }));
}

// Words of text.js as state: [key, ...values].
export const said = ([key, ...values]) => (key ? text(key, ...values) ?? key : '');
// The same standing for itself.
export function sentence(state) {
  const words = said(state);
  return words && words[0].toUpperCase() + words.slice(1);
}
