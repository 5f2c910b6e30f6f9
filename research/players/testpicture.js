// A picture that moves and a quiet tone, drawn by the page itself: for tests where no camera and no encoder is at hand.

export function testPicture(width = 640, height = 360, rate = 25) {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, {width, height});
  const context = canvas.getContext('2d');
  const colours = ['#c0c0c0', '#c0c000', '#00c0c0', '#00c000', '#c000c0', '#c00000', '#0000c0'];
  let count = 0;
  const draw = () => {
    const bar = width / colours.length;
    colours.forEach((colour, i) => {
      context.fillStyle = colour;
      context.fillRect(i * bar, 0, bar + 1, height);
    });
    context.fillStyle = '#111';
    context.fillRect(0, height * 0.72, width, height * 0.28);
    context.fillStyle = '#fff';
    context.fillRect((count++ * 6) % width, height * 0.76, width / 12, height * 0.2);
    context.font = `${height / 8}px monospace`;
    context.fillText(new Date().toISOString().slice(11, 22), width * 0.06, height * 0.2);
  };
  draw();
  const timer = setInterval(draw, 1000 / rate);
  const media = canvas.captureStream(rate);
  const sound = typeof AudioContext === 'undefined' ? null : new AudioContext();
  const tone = sound?.createOscillator(), quiet = sound?.createGain(), out = sound?.createMediaStreamDestination();
  if (sound) {
    quiet.gain.value = 0.1;
    tone.connect(quiet).connect(out);
    tone.start();
    media.addTrack(out.stream.getAudioTracks()[0]);
  }
  return {
    media,
    end() {
      clearInterval(timer);
      media.getTracks().forEach((track) => track.stop());
      sound?.close();
    },
  };
}
