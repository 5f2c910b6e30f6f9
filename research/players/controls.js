// The player's skin: picture, notice, figures and controls in one frame; keyboard, full screen, picture in picture.

import {button, element, sentence} from './dom.js';
import {text} from './text.js';
import {ways} from './ways.js';

const shapes = {
  play: 'M8 5v14l11-7z', stop: 'M7 7h10v10H7z',
  sound: 'M4 9.5v5h3.5L12 19V5L7.500 9.500zM15 9q3 3 0 6M17.500 6.500q5.500 5.500 0 11',
  mute: 'M4 9.500v5h3.500L12 19V5L7.500 9.500zM16 9.500l5 5M21 9.500l-5 5',
  stats: 'M5 19v-6M10 19V9M15 19v-9M20 19V5', pip: 'M3 6h18v13H3zM12 12h7v5h-7z',
  full: 'M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5',
};
const filled = new Set(['play', 'stop']);
const namespace = 'http://www.w3.org/2000/svg';

function icon(name) {
  const svg = document.createElementNS(namespace, 'svg');
  const path = document.createElementNS(namespace, 'path');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.classList.toggle('filled', filled.has(name));
  path.setAttribute('d', shapes[name]);
  svg.append(path);
  return svg;
}

const idleAfter = 3000;
const show = (value, digits = 0) => value.toFixed(digits);

// Rows of the statistics overlay: [word, text].
function rowsOf(figures) {
  const is = (value) => value !== null && value !== undefined && !Number.isNaN(value);
  const rows = [['statWay', ways[figures.way].label + (figures.low ? ' (LL)' : '')]];
  if (figures.width) rows.push(['statPicture', [`${figures.width}×${figures.height}`, is(figures.fps) && `${show(figures.fps)} fps`].filter(Boolean).join(' · ')]);
  const codecs = [figures.video, figures.audio].filter(Boolean);
  if (codecs.length) rows.push(['statCodecs', codecs.join(', ')]);
  if (is(figures.delay)) rows.push(['statDelay', text('seconds', figures.delay)]);
  if (is(figures.buffer)) rows.push(['statBuffer', text('seconds', figures.buffer)]);
  if (is(figures.kbps)) rows.push(['statRate', `${show(figures.kbps)} kb/s`]);
  if (is(figures.dropped)) rows.push(['statDropped', is(figures.shown) && figures.shown ? `${figures.dropped} / ${figures.shown}` : String(figures.dropped)]);
  if (is(figures.freezes)) rows.push(['statFreezes', String(figures.freezes)]);
  if (is(figures.lost)) rows.push(['statLost', is(figures.packets) ? `${figures.lost} / ${figures.lost + figures.packets}` : String(figures.lost)]);
  if (is(figures.rtt)) rows.push(['statRtt', `${show(figures.rtt)} ms`]);
  if (figures.path) rows.push(['statPath', figures.path]);
  return rows;
}

export class Skin {
  #screen; #video; #player; #parts = {}; #idle = 0; #again;

  // onWay(way): another was chosen. onAgain(): the play button while nothing plays.
  constructor(screen, video, player, {onWay, onAgain, offered = Object.keys(ways).filter((way) => way !== 'native')}) {
    this.#screen = screen;
    this.#video = video;
    this.#player = player;
    this.#again = onAgain;
    const parts = this.#parts;
    const make = (name, action) => {
      parts[name] = button('icon', icon(name), action);
      parts[name].id = name;
      return parts[name];
    };
    parts.notice = element('p', 'notice');
    parts.notice.id = 'notice';
    parts.notice.setAttribute('role', 'status');
    parts.unmute = button('unmute', '', () => this.#mute(false));
    parts.overlay = element('dl', 'overlay');
    parts.overlay.hidden = true;
    parts.volume = element('input', 'volume');
    Object.assign(parts.volume, {type: 'range', min: 0, max: 1, step: 0.05, value: 1});
    parts.volume.addEventListener('input', () => {
      video.volume = Number(parts.volume.value);
      this.#mute(video.volume === 0);
    });
    parts.way = element('select', '');
    parts.way.id = 'transport';
    parts.way.append(...['auto', ...offered].map((way) => {
      const option = element('option', '', way === 'auto' ? '' : ways[way].label);
      option.value = way;
      return option;
    }));
    parts.way.addEventListener('change', () => onWay(parts.way.value));
    parts.figures = element('output', '');
    parts.figures.id = 'figures';
    parts.bar = element('div', 'bar', make('stop', () => this.#toggle()), make('mute', () => this.#mute(!video.muted)), parts.volume,
      parts.figures, parts.way, make('stats', () => this.#toggleFigures()), make('pip', () => this.#pip()), make('full', () => this.#full()));
    parts.pip.hidden = !document.pictureInPictureEnabled;
    screen.append(parts.notice, parts.unmute, parts.overlay, parts.bar);
    screen.tabIndex = -1;
    video.addEventListener('volumechange', () => this.show());
    video.addEventListener('click', () => screen.classList.contains('idle') || this.#wake());
    for (const event of ['pointermove', 'pointerdown', 'focusin', 'keydown']) screen.addEventListener(event, () => this.#wake());
    document.addEventListener('keydown', (event) => this.#key(event));
    setInterval(() => this.#showFigures(), 1000);
    this.show();
  }

  get way() { return this.#parts.way.value; }
  set way(value) { this.#parts.way.value = value; }

  show() {
    const {notice, unmute, stop, mute, volume, way, stats, pip, full} = this.#parts;
    const video = this.#video, {stream, state} = this.#player;
    notice.textContent = sentence(state);
    notice.hidden = !state[0];
    unmute.textContent = text('unmute');
    unmute.hidden = !(this.#player.silenced && !state[0]);
    const name = (part, key) => { part.title = text(key); part.setAttribute('aria-label', text(key)); };
    stop.replaceChildren(icon(stream ? 'stop' : 'play'));
    mute.replaceChildren(icon(video.muted ? 'mute' : 'sound'));
    name(stop, stream ? 'stop' : 'play');
    name(mute, video.muted ? 'soundOn' : 'soundOff');
    name(stats, 'statistics');
    name(pip, 'pip');
    name(full, 'full');
    volume.setAttribute('aria-label', text('volume'));
    volume.value = video.muted ? 0 : video.volume;
    way.setAttribute('aria-label', text('over'));
    const chosen = this.#player.way;
    way.options[0].textContent = way.value === 'auto' && chosen ? text('autoIs', ways[chosen].label) : text('auto');
    for (const part of [mute, volume, stats, pip, full]) part.disabled = !stream;
    this.#wake();
  }

  #toggle() {
    if (this.#player.stream) this.#player.stop();
    else this.#again();
  }
  #toggleFigures() {
    const {overlay, stats} = this.#parts;
    overlay.hidden = !overlay.hidden;
    stats.setAttribute('aria-pressed', String(!overlay.hidden));
    this.#showFigures();
  }
  #pip() {
    if (document.pictureInPictureElement) document.exitPictureInPicture();
    else this.#video.requestPictureInPicture?.().catch(() => {});
  }
  #full() {
    if (document.fullscreenElement) return document.exitFullscreen();
    if (this.#screen.requestFullscreen) return this.#screen.requestFullscreen().catch(() => {});
    this.#video.webkitEnterFullscreen?.();
  }

  #key(event) {
    const on = event.target;
    if (event.ctrlKey || event.altKey || event.metaKey || /^(INPUT|SELECT|TEXTAREA|BUTTON|A|SUMMARY)$/.test(on.tagName)) return;
    const acts = {' ': () => this.#toggle(), k: () => this.#toggle(), m: () => this.#parts.mute.click(), f: () => this.#full(),
      p: () => this.#pip(), i: () => this.#toggleFigures(), ArrowUp: () => this.#louder(0.1), ArrowDown: () => this.#louder(-0.1)};
    if (!acts[event.key] || (event.key.startsWith('Arrow') && on !== this.#screen)) return;
    event.preventDefault();
    acts[event.key]();
  }
  #louder(step) {
    this.#video.volume = Math.min(1, Math.max(0, this.#video.volume + step));
    this.#mute(this.#video.volume === 0);
  }
  #mute(silent) {
    this.#video.muted = silent;
    this.#player.wantsSound = !silent;
    this.show();
  }

  #wake() {
    clearTimeout(this.#idle);
    this.#screen.classList.remove('idle');
    this.#idle = setTimeout(() => {
      if (this.#player.way && !this.#parts.bar.matches(':focus-within')) this.#screen.classList.add('idle');
    }, idleAfter);
  }

  async #showFigures() {
    const {overlay, figures} = this.#parts;
    const found = await this.#player.stats();
    figures.textContent = found && found.delay !== null ? text('delay', found.delay) : '';
    if (overlay.hidden) return;
    const rows = found ? rowsOf(found) : [['statWay', '–']];
    overlay.replaceChildren(...rows.flatMap(([word, value]) => [element('dt', '', text(word)), element('dd', '', value)]));
  }
}
