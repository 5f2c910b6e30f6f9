// The microphone of who looks at this page, published by WHIP (RFC 9725) at the API's own port.

import {Told} from './api';
import {text} from './text';

const patience = 8000;

export class Microphone {
  private constructor(private media: MediaStream, private connection: RTCPeerConnection, private session: string | null) {}

  // Refused in words: no microphone, no WebRTC, or what the server said.
  static async open(app: string, stream: string, onLost: () => void): Promise<Microphone> {
    if (!navigator.mediaDevices?.getUserMedia || typeof RTCPeerConnection === 'undefined') throw new Told(text('noMicrophone'));
    let media: MediaStream;
    try {
      media = await navigator.mediaDevices.getUserMedia({audio: {echoCancellation: true, noiseSuppression: true, autoGainControl: true}});
    } catch {
      throw new Told(text('noMicrophone'));
    }
    const connection = new RTCPeerConnection({bundlePolicy: 'max-bundle'});
    const microphone = new Microphone(media, connection, null);
    try {
      for (const track of media.getAudioTracks()) connection.addTransceiver(track, {direction: 'sendonly', streams: [media]});
      await connection.setLocalDescription();
      const response = await fetch(`/rtc/v1/whip/?${new URLSearchParams({app, stream})}`, {
        method: 'POST', body: connection.localDescription?.sdp ?? '', headers: {'Content-Type': 'application/sdp'}, credentials: 'omit',
        cache: 'no-store', signal: AbortSignal.timeout(patience),
      });
      if (response.status !== 201) throw new Told(`${text('notPublished')} ${response.status}`);
      microphone.session = response.headers.get('Location');
      await connection.setRemoteDescription({type: 'answer', sdp: await response.text()});
      await microphone.connected();
    } catch (fault) {
      microphone.close();
      throw fault;
    }
    connection.addEventListener('connectionstatechange', () => {
      if (['failed', 'closed', 'disconnected'].includes(connection.connectionState)) onLost();
    });
    return microphone;
  }

  close() {
    for (const track of this.media.getTracks()) track.stop();
    this.connection.close();
    if (this.session) void fetch(this.session, {method: 'DELETE', credentials: 'omit', keepalive: true}).catch(() => {});
    this.session = null;
  }

  private connected(): Promise<void> {
    return new Promise((done, fail) => {
      const timer = setTimeout(() => fail(new Told(text('notPublished'))), patience);
      const look = () => {
        if (this.connection.connectionState === 'connected') {
          clearTimeout(timer);
          done();
        } else if (this.connection.connectionState === 'failed') {
          clearTimeout(timer);
          fail(new Told(text('notPublished')));
        }
      };
      this.connection.addEventListener('connectionstatechange', look);
      look();
    });
  }
}
