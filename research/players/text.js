// Every word of the page, in both languages. Elements name theirs with data-text.

const words = {
  en: {
    other: '中文',
    watch: 'Watch',
    live: 'Live now',
    push: 'Push a stream',
    pushHint: 'Set this in your encoder. H.264 with AAC plays everywhere.',
    name: 'Stream name',
    over: 'over',
    stop: 'Stop',
    full: 'Full screen',
    soundOn: 'Sound on',
    soundOff: 'Sound off',
    copy: 'Copy',
    copied: 'Copied',
    play: 'Play',
    playing: 'Playing',
    waiting: 'waits for its publisher',
    viewers: (n) => (n === 1 ? '1 viewer' : `${n} viewers`),
    none: 'Nothing is live. Push a stream with the address below and it appears here by itself.',
    unreachable: 'The server does not answer. Trying again.',
    closed: 'This server keeps its list of streams to itself. Open a stream by its link.',
    choose: 'Choose a stream',
    connecting: 'Connecting',
    ended: 'The stream has ended',
    lost: 'The connection was lost. Trying again.',
    refused: (status) => `The server answered ${status}`,
    noMse: 'This browser can not play live FLV. Open one of the addresses below in VLC.',
    noPlayer: 'The player is missing: run scripts/setup on the server.',
    codec: 'This browser can not decode this stream. Open one of the addresses below in VLC.',
    delay: (seconds) => `${seconds.toFixed(1)} s behind`,
    obsServer: 'OBS: Server',
    obsKey: 'OBS: Stream key',
    ffmpeg: 'ffmpeg',
    httpPush: 'HTTP (FLV by POST)',
    vlc: 'VLC',
  },
  zh: {
    other: 'English',
    watch: '观看',
    live: '正在直播',
    push: '推流',
    pushHint: '在推流软件中填写以下地址。H.264 加 AAC 兼容性最好。',
    name: '流名称',
    over: '协议',
    stop: '停止',
    full: '全屏',
    soundOn: '打开声音',
    soundOff: '静音',
    copy: '复制',
    copied: '已复制',
    play: '播放',
    playing: '播放中',
    waiting: '等待推流',
    viewers: (n) => `${n} 人观看`,
    none: '当前没有直播。用下面的地址推流，这里会自动显示。',
    unreachable: '服务器没有响应，正在重试。',
    closed: '服务器不公开直播列表，请用链接打开直播。',
    choose: '请选择一路流',
    connecting: '正在连接',
    ended: '直播已结束',
    lost: '连接中断，正在重试。',
    refused: (status) => `服务器返回 ${status}`,
    noMse: '此浏览器不能播放 FLV 直播，请用 VLC 打开下面的地址。',
    noPlayer: '缺少播放器：请在服务器上运行 scripts/setup。',
    codec: '此浏览器不能解码这路流，请用 VLC 打开下面的地址。',
    delay: (seconds) => `延迟 ${seconds.toFixed(1)} 秒`,
    obsServer: 'OBS：服务器',
    obsKey: 'OBS：串流密钥',
    ffmpeg: 'ffmpeg',
    httpPush: 'HTTP（POST FLV）',
    vlc: 'VLC',
  },
};

const kept = () => {
  try {
    return localStorage.getItem('weir-language');
  } catch {
    return null;  // storage may be forbidden
  }
};
const wished = new URLSearchParams(location.search).get('lang') ?? kept() ?? navigator.language;
let language = wished?.startsWith('zh') ? 'zh' : 'en';

export const text = (key, ...values) => {
  const word = words[language][key];
  return typeof word === 'function' ? word(...values) : word;
};

export function applyText() {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  for (const element of document.querySelectorAll('[data-text]')) element.textContent = text(element.dataset.text);
}

export function switchLanguage() {
  language = language === 'zh' ? 'en' : 'zh';
  try {
    localStorage.setItem('weir-language', language);
  } catch {
    // The choice lasts as long as the page.
  }
  applyText();
}
