// HLS by hls.js or the browser itself, and DASH by dash.js, with the few calls that player.js makes: play, destroy, stats,
// delay and mediaInfo.
// onFailed(key, ...values) says in words of text.js what went wrong for good.

// Kilobits per second of what came in the last seconds.
export function meter(span = 6000) {
  const pieces = [];
  return {
    add(bytes) { pieces.push([performance.now(), bytes]); },
    get kbps() {
      const now = performance.now();
      while (pieces.length && now - pieces[0][0] > span) pieces.shift();
      if (pieces.length < 2) return null;
      return pieces.slice(1).reduce((sum, [, bytes]) => sum + bytes, 0) * 8 / Math.max(200, now - pieces[0][0]);
    },
  };
}

// Low latency follows from the playlist: where it names parts, they are played.
export function hlsEngine(video, url, onFailed) {
  const rate = meter();
  const hls = new Hls({lowLatencyMode: true, backBufferLength: 30, liveDurationInfinity: true, enableWorker: false});
  let recovered = 0;
  hls.on(Hls.Events.ERROR, (event, {fatal, type, response}) => {
    if (!fatal) return;
    if (type === Hls.ErrorTypes.MEDIA_ERROR && recovered++ < 2) return hls.recoverMediaError();
    if (type === Hls.ErrorTypes.MEDIA_ERROR) return onFailed('codec');
    if (response?.code >= 400) return onFailed('refused', response.code);
    onFailed('lost');
  });
  hls.on(Hls.Events.BUFFER_APPENDING, (event, {data}) => rate.add(data.byteLength));
  hls.on(Hls.Events.MEDIA_ENDED, () => onFailed('ended'));
  hls.loadSource(url);
  hls.attachMedia(video);
  return {
    play: () => video.play(),
    destroy: () => hls.destroy(),
    stats: async () => ({kbps: rate.kbps, low: Boolean(hls.latestLevelDetails?.partList?.length ?? hls.levels[Math.max(0, hls.currentLevel)]?.details?.partTarget)}),
    get delay() { return Number.isFinite(hls.latency) ? hls.latency : null; },
    get mediaInfo() {
      const level = hls.levels[Math.max(0, hls.currentLevel)];
      return {videoCodec: level?.videoCodec, audioCodec: level?.audioCodec};
    },
  };
}

export function dashEngine(video, url, onFailed) {
  const player = dashjs.MediaPlayer().create();
  player.updateSettings({streaming: {delay: {useSuggestedPresentationDelay: true}}});
  player.on(dashjs.MediaPlayer.events.ERROR, ({error}) => onFailed(error?.code >= 10 && error?.code <= 16 ? 'codec' : 'lost'));
  player.initialize(video, url, true);
  return {
    // Begun by dash.js: a video that plays before it looks is taken for paused, and the manifest is not fetched again.
    play: () => Promise.resolve(player.isReady() && player.play()),
    destroy: () => player.destroy(),
    stats: async () => ({kbps: null}),
    get delay() {
      const latency = player.isReady() ? player.getCurrentLiveLatency() : NaN;
      return Number.isFinite(latency) ? latency : null;
    },
    get mediaInfo() {
      const codec = (kind) => player.isReady() && player.getCurrentTrackFor(kind)?.codec;
      return {videoCodec: codec('video') || undefined, audioCodec: codec('audio') || undefined};
    },
  };
}

// Where the browser plays HLS by itself: iPhones without Media Source Extensions.
export function nativeEngine(video, url, onFailed) {
  const failed = () => onFailed(video.error?.code === MediaError.MEDIA_ERR_NETWORK ? 'lost' : 'codec');
  const ended = () => onFailed('ended');
  video.addEventListener('error', failed);
  video.addEventListener('ended', ended);
  video.src = url;
  return {
    play: () => video.play(),
    destroy: () => {
      video.removeEventListener('error', failed);
      video.removeEventListener('ended', ended);
      video.removeAttribute('src');
      video.load();
    },
    stats: async () => ({kbps: null}),
    get delay() {
      const {seekable, currentTime} = video;
      return seekable.length ? Math.max(0, seekable.end(seekable.length - 1) - currentTime) : null;
    },
    get mediaInfo() { return {}; },
  };
}
