// Camera, screen and microphone. Faults have words of text.js: [key, ...values].

import {secureLink} from './urls.js';

export class CaptureFault extends Error {
  constructor(...words) {
    super(words.join(' '));
    this.words = words;
  }
}

// Why a browser gives nothing here; null if it would.
export function captureMissing() {
  if (!window.isSecureContext) return ['notSecure', location.hostname, secureLink];
  if (!navigator.mediaDevices?.getUserMedia) return ['noCapture'];
  return null;
}

// Names are known once a device was allowed.
export async function devices() {
  const all = await (navigator.mediaDevices?.enumerateDevices?.() ?? Promise.resolve([])).catch(() => []);
  const of = (kind) => all.filter((one) => one.kind === kind && one.deviceId);
  return {cameras: of('videoinput'), microphones: of('audioinput')};
}

const words = {
  NotAllowedError: (what) => (what === 'screen' ? ['screenRefused'] : ['notAllowed']),
  SecurityError: () => ['notAllowed'],
  NotFoundError: (what) => [what === 'screen' ? 'noScreen' : 'noDevice'],
  NotReadableError: () => ['deviceBusy'],
  AbortError: () => ['deviceBusy'],
  OverconstrainedError: (what, fault) => ['deviceCannot', fault.constraint ?? ''],
};
const faultOf = (fault, what) => new CaptureFault(...(words[fault.name]?.(what, fault) ?? ['captureFailed', `${fault.name}: ${fault.message}`]));

function pictureOf({height, rate}) {
  const wanted = {frameRate: {ideal: rate}};
  if (height) Object.assign(wanted, {height: {ideal: height}, width: {ideal: Math.round(height * 16 / 9)}});
  return wanted;
}
const soundOf = (microphone) => (microphone === 'none' ? false : microphone ? {deviceId: {exact: microphone}} : true);

// source: 'camera', 'screen' or 'sound'; camera and microphone: device ids, '' for any, 'none' for no sound.
export async function capture({source, camera, microphone, height, rate}) {
  const missing = captureMissing();
  if (missing) throw new CaptureFault(...missing);
  if (source === 'screen') return captureScreen({microphone, height, rate});
  const picture = source === 'camera' && {...pictureOf({height, rate}), ...(camera ? {deviceId: {exact: camera}} : {})};
  try {
    return await navigator.mediaDevices.getUserMedia({video: picture, audio: source === 'sound' ? soundOf(microphone === 'none' ? '' : microphone) : soundOf(microphone)});
  } catch (fault) {
    throw faultOf(fault, source);
  }
}

async function captureScreen({microphone, height, rate}) {
  if (!navigator.mediaDevices.getDisplayMedia) throw new CaptureFault('noScreen');
  let media;
  try {
    media = await navigator.mediaDevices.getDisplayMedia({video: pictureOf({height, rate}), audio: true});
  } catch (fault) {
    throw faultOf(fault, 'screen');
  }
  // The microphone, unless the screen brings sound of its own.
  if (microphone !== 'none' && !media.getAudioTracks().length) {
    const voice = await navigator.mediaDevices.getUserMedia({audio: soundOf(microphone)}).catch(() => null);
    for (const track of voice?.getAudioTracks() ?? []) media.addTrack(track);
  }
  return media;
}

export const release = (media) => media?.getTracks().forEach((track) => track.stop());
