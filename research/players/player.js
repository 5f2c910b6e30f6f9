// Plays one stream in one <video> by mpegts.js, hls.js or dash.js, close to its live edge, and tries again when the
// connection is lost.

import {mp4Engine} from './progressive.js';
import {dashEngine, hlsEngine} from './segments.js';
import {dashUrl, flvUrl, hlsUrl, liveUrl, wsUrl} from './urls.js';

const retryAfter = 2000;
const config = {
  enableStashBuffer: false,
  lazyLoad: false,
  liveSync: true,  // a little faster while more than liveSyncMaxLatency behind
  liveSyncMaxLatency: 0.9,
  liveSyncTargetLatency: 0.4,
  liveSyncPlaybackRate: 1.1,
  autoCleanupSourceBuffer: true,
  autoCleanupMaxBackwardDuration: 30,
  autoCleanupMinBackwardDuration: 10,
};

export class Player {
  #video;
  #onState;
  #player = null;
  #wish = null;
  #timer = 0;

  // onState(key, ...values): a word of text.js and what it needs; '' when the picture moves.
  constructor(video, onState) {
    this.#video = video;
    this.#onState = onState;
    video.addEventListener('playing', () => this.#onState(''));
    video.addEventListener('loadeddata', () => this.#jumpToLive());
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) return;
      this.#jumpToLive();  // a hidden page may have been held up,
      this.#start();       // or forbidden to begin
    });
    video.addEventListener('canplay', () => this.#start());
  }

  get stream() { return this.#wish?.stream ?? null; }

  play(stream, transport) {
    this.stop();
    const missing = {hls: typeof Hls, dash: typeof dashjs, mp4: 'none'}[transport] ?? typeof mpegts;
    if (missing === 'undefined') return this.#onState('noPlayer');
    if (typeof MediaSource === 'undefined' && typeof ManagedMediaSource === 'undefined') return this.#onState('noMse');
    this.#wish = {stream, transport};
    this.#connect();
  }

  stop() {
    this.#wish = null;
    this.#disconnect();
    this.#onState('choose');
  }

  // Seconds between what is shown and what has arrived; null when nothing plays.
  get delay() {
    const {buffered, currentTime} = this.#video;
    if (this.#player && 'delay' in this.#player) return this.#player.delay;
    return this.#player && buffered.length ? Math.max(0, buffered.end(buffered.length - 1) - currentTime) : null;
  }
  get figures() {
    const info = this.#player?.mediaInfo;
    const {videoWidth, videoHeight} = this.#video;
    return {width: videoWidth, height: videoHeight, video: info?.videoCodec, audio: info?.audioCodec};
  }

  #connect() {
    const {stream, transport} = this.#wish;
    this.#onState('connecting');
    if (transport === 'hls' || transport === 'dash') return this.#connectSegments(stream, transport);
    if (transport === 'mp4') return this.#connectMp4(stream);
    const url = {ws: wsUrl, ts: (one) => liveUrl(one, 'ts')}[transport]?.(stream) ?? flvUrl(stream);
    const player = mpegts.createPlayer({type: transport === 'ts' ? 'mpegts' : 'flv', isLive: true, url}, config);
    this.#player = player;
    player.on(mpegts.Events.ERROR, (kind, detail, info) => this.#player === player && this.#failed(kind, detail, info));
    player.on(mpegts.Events.LOADING_COMPLETE, () => this.#player === player && this.#again('ended'));
    player.attachMediaElement(this.#video);
    player.load();
    this.#start();
  }

  #connectSegments(stream, transport) {
    let engine = null;
    const failed = (key, ...values) => {
      if (engine && this.#player !== engine) return;
      if (key !== 'codec') return this.#again(key, ...values);
      this.#disconnect();
      this.#wish = null;
      this.#onState(key);
    };
    engine = transport === 'hls' ? hlsEngine(this.#video, hlsUrl(stream), failed)
                                 : dashEngine(this.#video, dashUrl(stream), failed);
    this.#player = engine;
    this.#start();
  }

  // Refused when the stream ends first, or while the page is hidden, or because sound is on and the page was not touched
  // yet; the next try is silent.
  #start() {
    const player = this.#player;
    if (!player || !this.#video.paused) return;
    Promise.resolve(player.play()).catch(() => {
      if (this.#player !== player || this.#video.muted) return;
      this.#video.muted = true;
      Promise.resolve(player.play()).catch(() => {});
    });
  }

  #connectMp4(stream) {
    const engine = mp4Engine(this.#video, liveUrl(stream, 'mp4'), (key, ...values) => {
      if (this.#player !== engine) return;
      if (key !== 'codec') return this.#again(key, ...values);
      this.#disconnect();
      this.#wish = null;
      this.#onState(key);
    });
    this.#player = engine;
    this.#start();
  }

  #failed(kind, detail, info) {
    if (kind === mpegts.ErrorTypes.MEDIA_ERROR) {
      this.#disconnect();
      this.#wish = null;
      this.#onState('codec');
    } else if (detail === mpegts.ErrorDetails.NETWORK_STATUS_CODE_INVALID) {
      this.#again('refused', info?.code ?? '');
    } else {
      this.#again('lost');
    }
  }

  #again(...state) {
    this.#disconnect();
    this.#onState(...state);
    this.#timer = setTimeout(() => this.#wish && this.#connect(), retryAfter);
  }

  #disconnect() {
    clearTimeout(this.#timer);
    const player = this.#player;
    this.#player = null;
    player?.destroy();
  }

  // The GOP cache may begin seconds back.
  #jumpToLive() {
    if (this.#player && 'delay' in this.#player) return;  // hls.js and dash.js keep their distance themselves
    const delay = this.delay;
    if (delay !== null && delay > config.liveSyncMaxLatency + 1) this.#video.currentTime += delay - config.liveSyncTargetLatency;
  }
}
