// The state is in window: `fault` is what went wrong, `ended` that the response came to its end.
const query = new URLSearchParams(location.search);
const url = query.get('url');
const video = document.getElementById('video');
window.fault = '';
window.ended = false;

function byMpegts() {
  const player = mpegts.createPlayer({type: query.get('type') ?? 'mpegts', isLive: true, url}, {enableStashBuffer: false});
  player.on(mpegts.Events.ERROR, (kind, detail, info) => { window.fault = `${kind} ${detail} ${JSON.stringify(info)}`; });
  player.on(mpegts.Events.LOADING_COMPLETE, () => { window.ended = true; });
  player.attachMediaElement(video);
  player.load();
  player.play();
}

// What comes is appended as it comes, one piece after the other.
function bySource() {
  const source = new MediaSource();
  video.src = URL.createObjectURL(source);
  source.addEventListener('sourceopen', async () => {
    const buffer = source.addSourceBuffer(query.get('mime'));
    const waiting = [];
    const next = () => { if (waiting.length && !buffer.updating) buffer.appendBuffer(waiting.shift()); };
    buffer.addEventListener('updateend', () => {
      const {buffered} = video;
      if (buffered.length && video.currentTime < buffered.start(0)) video.currentTime = buffered.start(0);
      next();
    });
    buffer.addEventListener('error', () => { window.fault = 'the source buffer refused what came'; });
    const take = (bytes) => { waiting.push(bytes); next(); };
    if (url.startsWith('ws')) {
      const socket = new WebSocket(url);
      socket.binaryType = 'arraybuffer';
      socket.onmessage = (event) => take(event.data);
      socket.onclose = (event) => { window.ended = event.code === 1000; };
      return;
    }
    const reader = (await fetch(url)).body.getReader();
    for (;;) {
      const {done, value} = await reader.read();
      if (done) break;
      take(value);
    }
    window.ended = true;
  });
  video.addEventListener('error', () => { window.fault = `${video.error.code} ${video.error.message}`; });
}

query.has('mime') ? bySource() : byMpegts();
