// Plays one stream in one <video> by the best way that works, says which and why not the others, and tries again when the
// connection is lost.

import {order, ways} from './ways.js';

const firstFrame = {rtc: 2700, flv: 8000, ws: 8000, ts: 8000, mp4: 8000, hls: 15000, native: 15000, dash: 20000};  // ms
const retries = [1000, 2000, 4000, 8000, 15000];
const settled = 20000;    // ms of playing after which earlier losses are forgotten
const mostLosses = 2;     // of WebRTC; then the next way, which may be steadier
const soundAfter = 2500;  // ms of picture, after which sound that the stream has is missed
const forGood = new Set(['codec', 'noCodec', 'noMse', 'noPlayer', 'noNative', 'off', 'noFrame', 'rtcOff', 'rtcNone', 'rtcNoDecoder', 'rtcNoCodec']);
const otherWayMay = (words) => forGood.has(words[0]) || (words[0] === 'refused' && [404, 405, 406, 415, 501].includes(words[1]));

export class Player {
  #video;
  #onChange;
  #engine = null;
  #wish = null;       // {stream, way, hints}
  #way = '';
  #left = [];         // ways still to try
  #why = new Map();   // way: words of why it was not taken
  #turn = 0;          // of attempts; what an older one says is void
  #moved = 0;         // when the first picture of this attempt was seen
  #tries = 0;
  #losses = 0;
  #barred = null;     // why WebRTC is not tried again for this wish
  #timer = 0;
  #stall = 0;
  #state = ['choose'];
  wantsSound = true;  // until the user turns it off

  // onChange(): state, way or why are others.
  constructor(video, onChange) {
    this.#video = video;
    this.#onChange = onChange;
    video.addEventListener('playing', () => this.#playing());
    video.addEventListener('timeupdate', () => this.#playing());
    video.addEventListener('waiting', () => {
      clearTimeout(this.#stall);
      this.#stall = setTimeout(() => this.#moved && this.#engine && !video.paused && this.#tell('buffering'), 1000);
    });
    video.addEventListener('loadeddata', () => this.#engine?.jumpToLive?.());
    video.addEventListener('canplay', () => this.#start());
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) return;
      this.#engine?.jumpToLive?.();  // a hidden page may have been held up,
      this.#start();                 // or forbidden to begin
    });
  }

  get stream() { return this.#wish?.stream ?? null; }
  get state() { return this.#state; }        // words of text.js; [''] while the picture moves
  get way() { return this.#moved ? this.#way : ''; }
  get why() { return [...this.#why]; }
  // Without sound, and not because the user wants it so.
  get silenced() {
    const {hints = {}} = this.#wish ?? {};
    return this.wantsSound && this.#video.muted && !(hints.live && !hints.audio);
  }

  // way: one of ways.js, or 'auto'. hints: what the list of streams says: {video, soundOnly, live}.
  play(stream, way = 'auto', hints = {}) {
    this.#leave();
    this.#wish = {stream, way, hints};
    this.#tries = this.#losses = 0;
    this.#barred = null;
    this.#begin();
  }

  stop() {
    this.#leave();
    this.#wish = null;
    this.#why.clear();
    this.#tell('choose');
  }

  // What the list of streams says now: a publisher who has come is looked at at once.
  hint(hints) {
    if (!this.#wish) return;
    const came = hints.live && this.#wish.hints.live === false && !this.#moved;
    this.#wish.hints = hints;
    if (came) {
      this.#leave();
      this.#tries = 0;
      this.#begin();
    }
  }

  async stats() {
    const engine = this.#engine;
    if (!engine || !this.#moved) return null;
    const figures = await engine.stats().catch(() => ({}));
    if (engine !== this.#engine) return null;
    const {videoWidth: width, videoHeight: height, buffered, currentTime} = this.#video;
    const quality = this.#video.getVideoPlaybackQuality?.();
    const info = engine.mediaInfo;
    return {way: this.#way, width, height, delay: engine.delay,
      buffer: buffered.length && !this.#video.srcObject ? Math.max(0, buffered.end(buffered.length - 1) - currentTime) : null,
      dropped: quality?.droppedVideoFrames ?? null, shown: quality?.totalVideoFrames ?? null,
      video: info?.videoCodec, audio: info?.audioCodec, ...Object.fromEntries(Object.entries(figures ?? {}).filter(([, value]) => value !== null && value !== undefined))};
  }

  #tell(...state) {
    this.#state = state;
    this.#onChange();
  }

  #begin() {
    const {way} = this.#wish;
    this.#why.clear();
    this.#left = way === 'auto' ? order.filter((one) => !(one === 'rtc' && this.#barred)) : [way];
    if (this.#barred && way === 'auto') this.#why.set('rtc', this.#barred);
    this.#next();
  }

  async #next() {
    const way = this.#left.shift();
    if (!way) return this.#exhausted();
    const turn = ++this.#turn;
    const {stream, hints} = this.#wish;
    this.#moved = 0;
    this.#way = way;
    this.#tell('connecting');
    const why = await ways[way].why(hints);
    if (turn !== this.#turn) return;
    if (why) return this.#pass(why);
    this.#timer = setTimeout(() => this.#late(turn), firstFrame[way]);
    const failed = (...words) => { if (turn === this.#turn) this.#failed(words); };
    const make = await ways[way].load().catch(() => null);
    if (turn !== this.#turn) return;
    if (!make) return this.#failed(['noPlayer']);
    const engine = make(this.#video, stream, failed, hints);
    if (turn !== this.#turn) return engine.destroy();  // it failed at once
    this.#engine = engine;
    this.#start();
  }

  // Refused when the stream ends first, or while the page is hidden, or because sound is on and the page was not touched
  // yet; the next try is silent.
  #start() {
    const engine = this.#engine;
    if (!engine || !this.#video.paused) return;
    Promise.resolve(engine.play()).catch((fault) => {
      if (this.#engine !== engine || this.#video.muted || fault?.name !== 'NotAllowedError') return;
      this.#video.muted = true;
      this.#onChange();
      Promise.resolve(engine.play()).catch(() => {});
    });
  }

  #playing() {
    const video = this.#video;
    clearTimeout(this.#stall);
    if (!this.#engine || video.paused || video.readyState < 2) return;
    if (this.#way === 'rtc' && !video.videoWidth && !this.#wish.hints.soundOnly) return;
    if (!this.#moved) {
      clearTimeout(this.#timer);
      this.#moved = performance.now();
      if (this.#way === 'rtc' && this.#wish.way === 'auto') this.#timer = setTimeout(() => this.#listen(this.#turn), soundAfter);
    } else if (this.#state[0] === '') {
      return;
    }
    this.#tell('');
  }

  // No picture yet. Who waits for a publisher waits where the server lets it wait.
  async #late(turn) {
    if (turn !== this.#turn || this.#moved) return;
    const {way, hints} = this.#wish;
    if (this.#way === 'rtc') {
      const words = (await this.#engine?.explain()) ?? ['rtcSlow'];
      if (turn === this.#turn && !this.#moved) this.#failed(words);
    } else if (hints.live === false) {
      this.#tell('waits');
    } else if (way === 'auto' && this.#left.length) {
      this.#failed(['noFrame']);
    } else {
      this.#tell('noFrame');
    }
  }

  // A server that has no Opus of the stream's sound sends a picture alone: another way has both.
  async #listen(turn) {
    const heard = !this.#wish.hints.audio || await this.#engine?.hears();
    if (turn !== this.#turn || heard) return;
    this.#barred = ['rtcNoSound', this.#wish.hints.audio];
    this.#leave();
    this.#begin();
  }

  #failed(words) {
    const played = this.#moved ? performance.now() - this.#moved : 0;
    const way = this.#way;
    this.#leave();
    if (played > settled) this.#tries = this.#losses = 0;
    if (played) {
      if (way === 'rtc' && words[0] !== 'ended' && ++this.#losses > mostLosses) this.#barred = words;
      return this.#again(words);
    }
    if (this.#wish.way === 'auto' && (way === 'rtc' || otherWayMay(words))) return this.#pass(words);
    if (forGood.has(words[0])) return this.#giveUp(words);
    this.#again(words);
  }

  #pass(words) {
    this.#why.set(this.#way, words);
    if (this.#left.length) this.#next();
    else this.#exhausted();
  }

  #exhausted() {
    const reasons = [...this.#why.values()];
    const passing = reasons.find((words) => !forGood.has(words[0]));
    const telling = reasons.find((words) => ['codec', 'noCodec'].includes(words[0])) ?? reasons.find((words) => words[0] !== 'off' && words[0] !== 'noNative');
    if (passing) this.#again(passing);
    else this.#giveUp(telling ?? ['codec']);
  }

  #giveUp(words) {
    this.#leave();
    this.#tell(...words);
  }

  #again(words) {
    this.#leave();
    this.#tell(...words);
    this.#timer = setTimeout(() => this.#wish && this.#begin(), retries[Math.min(this.#tries++, retries.length - 1)] * (0.8 + Math.random() * 0.4));
  }

  #leave() {
    ++this.#turn;
    clearTimeout(this.#timer);
    clearTimeout(this.#stall);
    const engine = this.#engine;
    this.#engine = null;
    this.#moved = 0;
    engine?.destroy();
  }
}
