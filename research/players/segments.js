// HLS by hls.js and DASH by dash.js, with the few calls that player.js makes: play, destroy, delay and mediaInfo.
// onFailed(key, ...values) says in words of text.js what went wrong for good.

// Low latency follows from the playlist: where it names parts, they are played.
export function hlsEngine(video, url, onFailed) {
  const hls = new Hls({lowLatencyMode: true, backBufferLength: 30, liveDurationInfinity: true, enableWorker: false});
  let recovered = 0;
  hls.on(Hls.Events.ERROR, (event, {fatal, type, response}) => {
    if (!fatal) return;
    if (type === Hls.ErrorTypes.MEDIA_ERROR && recovered++ < 2) return hls.recoverMediaError();
    if (type === Hls.ErrorTypes.MEDIA_ERROR) return onFailed('codec');
    if (response?.code >= 400) return onFailed('refused', response.code);
    onFailed('lost');
  });
  hls.on(Hls.Events.MEDIA_ENDED, () => onFailed('ended'));
  hls.loadSource(url);
  hls.attachMedia(video);
  return {
    play: () => video.play(),
    destroy: () => hls.destroy(),
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
