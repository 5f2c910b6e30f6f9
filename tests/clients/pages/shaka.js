// ?url=...&low=1: as segments.js, by Shaka Player; `player` is it.
const query = new URLSearchParams(location.search);
const video = document.getElementById('video');
window.fault = '';
window.latency = -1;
window.stalls = 0;
let begun = false;
video.addEventListener('playing', () => { begun = true; });
video.addEventListener('waiting', () => { if (begun && video.currentTime > 2) window.stalls += 1; });

(async () => {
  shaka.polyfill.installAll();
  const player = new shaka.Player();
  window.player = player;
  // What it goes on after is told too, and is no fault: of a live stream it asks again for what it did not get.
  player.addEventListener('error', ({detail}) => {
    const {Category, Severity} = shaka.util.Error;
    if (detail.severity === Severity.CRITICAL && detail.category !== Category.NETWORK) window.fault = `${detail.code} ${detail.message} ${detail.data}`;
  });
  await player.attach(video);
  player.configure({streaming: {lowLatencyMode: query.get('low') === '1'}});
  try {
    await player.load(query.get('url'));
  } catch (error) {
    window.fault = `${error.code} ${error.message} ${error.data}`;
  }
  video.play().catch(() => {});
  setInterval(() => { window.latency = player.isLive() ? (Date.now() - player.getPlayheadTimeAsDate()) / 1000 : -1; }, 100);
})();
