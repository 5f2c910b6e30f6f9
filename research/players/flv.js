// Live FLV and TS by mpegts.js, close to the live edge, with the calls that player.js makes. onFailed(key, ...values) says
// in words of text.js what went wrong for good.

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

export function mpegtsEngine(video, url, type, onFailed) {
  const player = mpegts.createPlayer({type, isLive: true, url}, config);
  let over = false, speed = null;
  const fail = (...why) => { if (!over) onFailed(...why); };
  player.on(mpegts.Events.ERROR, (kind, detail, info) => {
    if (kind === mpegts.ErrorTypes.MEDIA_ERROR) return fail('codec');
    if (detail === mpegts.ErrorDetails.NETWORK_STATUS_CODE_INVALID) return fail('refused', info?.code ?? 0);
    fail('lost');
  });
  player.on(mpegts.Events.LOADING_COMPLETE, () => fail('ended'));
  player.on(mpegts.Events.STATISTICS_INFO, (info) => { speed = info.speed; });
  player.attachMediaElement(video);
  player.load();

  const delay = () => {
    const {buffered, currentTime} = video;
    return buffered.length ? Math.max(0, buffered.end(buffered.length - 1) - currentTime) : null;
  };
  return {
    play: () => player.play(),
    destroy: () => { over = true; player.destroy(); },
    // The GOP cache may begin seconds back.
    jumpToLive: () => {
      const behind = delay();
      if (behind !== null && behind > config.liveSyncMaxLatency + 1) video.currentTime += behind - config.liveSyncTargetLatency;
    },
    stats: async () => ({kbps: speed === null ? null : speed * 8.192}),
    get delay() { return delay(); },
    get mediaInfo() { return player.mediaInfo; },
  };
}
