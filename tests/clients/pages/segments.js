// ?player=hls|dash&url=...: the state is in window: `fault` is what went wrong, `latency` how far behind the player thinks
// it is, `stalls` how often the picture stood still after it had begun; `hls` is hls.js, `player` dash.js.
const query = new URLSearchParams(location.search);
const url = query.get('url');
const video = document.getElementById('video');
window.fault = '';
window.latency = -1;
window.stalls = 0;
window.events = [];  // timed metadata: {text, time}
window.breaks = [];  // of SCTE 35 in DASH: {time, bytes}
let begun = false;
video.addEventListener('playing', () => { begun = true; });
video.addEventListener('waiting', () => { if (begun && video.currentTime > 2) window.stalls += 1; });

if (query.get('player') === 'hls') {
  const hls = new Hls({lowLatencyMode: query.get('low') !== '0', enableWorker: false});
  hls.on(Hls.Events.ERROR, (event, data) => { if (data.fatal) window.fault = `${data.type} ${data.details} ${data.reason ?? ''}`; });
  hls.on(Hls.Events.FRAG_PARSING_METADATA, (event, data) => {
    for (const one of data.samples) window.events.push({text: new TextDecoder().decode(one.data), time: one.pts});
  });
  window.hls = hls;
  hls.loadSource(url);
  hls.attachMedia(video);
  video.play().catch(() => {});
  // Between the arrival of a frame at the server, which the playlist dates, and its showing.
  setInterval(() => { if (hls.playingDate) window.latency = (Date.now() - hls.playingDate) / 1000; }, 100);
} else {
  const player = dashjs.MediaPlayer().create();
  player.on(dashjs.MediaPlayer.events.ERROR, ({error}) => { window.fault = `${error.code} ${error.message}`; });
  player.on('https://aomedia.org/emsg/ID3', ({event}) => {
    window.events.push({text: new TextDecoder().decode(event.messageData), time: event.calculatedPresentationTime});
  });
  player.on('urn:scte:scte35:2013:bin', ({event}) => {
    window.breaks.push({time: event.calculatedPresentationTime, bytes: event.messageData.length});
  });
  window.player = player;
  // While it waits at a gap dash.js falls behind by more than Latency@max of a low-latency manifest, seeks to where there is nothing, and stays there.
  player.updateSettings({streaming: {liveCatchup: {maxDrift: 0}}});
  player.initialize(video, url, true);  // it must itself begin to play: else it takes the stream for paused
  setInterval(() => { if (player.isReady()) window.latency = player.getCurrentLiveLatency(); }, 100);
}
