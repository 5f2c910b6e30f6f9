// Every word of the console, in both languages.

import {number as whole} from './format';

const en = {
  other: '中文', title: 'Console', theme_auto: 'Auto', theme_light: 'Light', theme_dark: 'Dark',
  overview: 'Overview', streams: 'Streams', clients: 'Clients', relays: 'Relays', cluster: 'Cluster', devices: 'Devices', recordings: 'Recordings', settings: 'Configuration', log: 'Log', reference: 'API',
  user: 'User name', password: 'Password', signIn: 'Sign in', signOut: 'Sign out', wrong: 'The server does not know these.',
  forbidden: 'Your address may not use the API, or not by this name of the server (allow and host_names of http_api).',
  locked: 'Too many wrong passwords came from your address. Wait a while.', unreachable: 'The server does not answer. Trying again.',
  noEvents: 'Events are switched off on the server (http_api.events): figures do not move by themselves.',
  live: 'live', lost: 'no connection',
  received: 'In', sent: 'Out', bandwidth: 'Bandwidth', players: 'Players', cpu: 'CPU', memory: 'Memory',
  process: 'process', machine: 'machine', skips: 'Skips', load: 'load',
  happened: 'What happened', nothing: 'Nothing yet.',
  stream: 'Stream', codec: 'Codec', rate: 'Bitrate', viewers: 'Viewers', gop: 'GOP', frames: 'Frames/s', actions: 'Actions',
  play: 'Play', kick: 'Kick', sure: '?', record: 'Record', recordStop: 'Stop recording', split: 'New file', recording: 'recording',
  failing: 'failed', pending: 'waiting',
  noStreams: 'Nothing is published.', waiting: 'waits for its publisher', filter: 'Name of a stream', filterStreams: 'Part of a name', filterClients: 'Part of name, address or id', noMatch: 'Nothing fits what is searched for.', order: 'Order',
  anyType: 'All protocols',
  itsLog: 'What the log says of it', copy: 'Copy', copied: 'Copied', addresses: 'Addresses to play', allOfIt: 'All of it',
  profile: 'Profile', picture: 'picture', sound: 'sound', inputs: 'Publishers', leftOut: 'Left out of', tsErrors: 'TR 101 290, priority 1 · 2', tsThrough: 'Goes through as it came', packets: 'packets', isLive: 'live', noSuchStream: 'There is no such stream now.',
  client: 'Client', address: 'Address', kind: 'Kind', since: 'Connected', traffic: 'Bytes', rtt: 'RTT', lag: 'Behind', retransmits: 'resent',
  noClients: 'Nobody is connected.', earlier: 'Back', later: 'Next', of: 'of',
  running: 'Running', complete: 'Complete', file: 'File', size: 'Size', length: 'Length', when: 'Begun', download: 'Download',
  device: 'Device', channel: 'Channel', channels: 'Channels', state: 'State', move: 'Move', online: 'online', offline: 'offline',
  talk: 'Talk', endTalk: 'Stop talking', talking: 'you are heard', talkComes: 'waiting for the device', noMicrophone: 'No microphone: it is forbidden, absent, or this page is not by HTTPS.',
  notPublished: 'The microphone could not be published (rtc_server, rtc of the virtual host):',
  noDevices: 'No device has registered.', noChannels: 'The device told of no channel.', noGb: 'GB28181 with sip is not configured here (stream_caster).',
  fetched: 'Fetched', sentOn: 'Sent on', ownSound: 'with the sound of', stands: 'last picture stands', priority: 'Priority', shown: 'shown', pinned: 'pinned', pin: 'Pin', unpin: 'Unpin', start: 'Start', halt: 'Stop',
  howToAdd: 'More are added by POST to /api/v1/sources/ and /api/v1/forwards/, and kept where http_api names an overlay.',
  programs: 'Programs', starts: 'Starts', makes: 'Makes', runs: 'runs', waitsToStart: 'waits for its start',
  variables: 'Variables', origin: 'From', known: 'known', unknown: 'not known yet',
  srtPorts: 'SRT ports', direction: 'Direction', sockets: 'Connections', refusedCallers: 'Refused', wrongSecrets: 'Wrong passphrase',
  noSources: 'Nothing is fetched.', noTargets: 'Nothing is sent on now.',
  thisServer: 'This server', drain: 'Drain', welcome: 'Take newcomers', draining: 'drains', open: 'Takes newcomers', nodes: 'Servers', node: 'Server', self: 'this one',
  noRegistry: 'No registry is configured: servers that find one another need one (registry).', registryGone: 'The registry is gone; what runs goes on.',
  claimed: 'Streams of this server', epoch: 'Epoch',
  noRecordings: 'Nothing is recorded now.', noFiles: 'No recording is on the disk.', filterFiles: 'Part of a path', free: 'has free:', written: 'Written', remove: 'Delete',
  draft: 'Check a file before it is saved', openFile: 'Open a file', check: 'Check', saveAs: 'Save as a file', unread: 'Files that it names, each taken as empty:',
  draftHow: 'Open a configuration or write one. The server says what is wrong with it, by line, and what it would change; nothing is changed, and the file stays in this browser.',
  noChanges: 'The file is what the server runs with.', wouldChange: 'What a reload would change', from: 'Now', to: 'In the file', acts: 'Acts', default: 'default',
  atOnce: 'at once', newSessions: 'for new sessions', afterRestart: 'after a restart', export: 'Save as text',
  parameter: 'Parameter', field: 'Field', meaning: 'Meaning', tryIt: 'Ask now', aboutApi: 'What this server answers, as it describes it itself. Programs are made from the OpenAPI document.',
  edit: 'Edit the configuration', editHow: 'The file that the server was started with, its secrets too. All of it is checked before it is written, and it is in force at once; the one before stays beside it.',
  serverFile: "Open the server's file", write: 'Write and put in force', stepBack: 'One step back', writtenNow: 'Written, and in force.', changedNow: 'What changed', readOnly: 'It cannot be written: ',
  meanwhile: 'Somebody changed the file meanwhile. Open it again.',
  left: 'left', right: 'right', up: 'up', down: 'down', nearer: 'nearer', farther: 'farther',
  s_connecting: 'connecting', s_receiving: 'receiving', s_sending: 'sending', s_waiting: 'waiting', s_standby: 'standing by', s_stopped: 'stopped', s_given_up: 'given up',
  s_hot: 'hot', s_warm: 'warm', s_cold: 'cold', s_text: 'configured', s_file: 'file', s_environment: 'environment', s_command: 'command', s_api: 'API',
  s_both: 'in and out', s_in: 'in', s_out: 'out', s_preparing: 'preparing', s_inviting: 'inviting', s_answered: 'answered', s_playing: 'playing', s_ending: 'ending', s_over: 'over',
  setting: 'Setting', value: 'Value', onlyWritten: 'What differs from its default, as the server runs with it. Secrets are hidden.',
  reload: 'Reload', reloading: 'Reloading', reloaded: 'The configuration was read again.',
  reloadFailed: 'The configuration stays as it was: ', noReload: 'Reload is switched off (http_api.raw_api.allow_reload).',
  level: 'Level', follow: 'Follow', contains: 'Contains', noLines: 'No such line.', failed: 'That did not work: ', gone: 'That is no longer there.',
  e_publish: 'published', e_unpublish: 'unpublished', e_play: 'plays', e_stop: 'stopped', e_record: 'recorded', e_reload: 'reload',
  e_skip: 'players skipped', e_hook: 'hook', e_lost: 'events missed', e_drain: 'drain', e_registry: 'registry', e_evicted: 'taken by another server',
};

const zh: typeof en = {
  other: 'English', title: '控制台', theme_auto: '自动', theme_light: '浅色', theme_dark: '深色',
  overview: '概览', streams: '流', clients: '客户端', relays: '中继', cluster: '集群', devices: '设备', recordings: '录制', settings: '配置', log: '日志', reference: 'API',
  user: '用户名', password: '密码', signIn: '登录', signOut: '退出', wrong: '用户名或密码错误。',
  forbidden: '您的地址无权使用 API，或不能用此主机名访问（http_api 的 allow、host_names）。',
  locked: '您的地址多次输错密码，请稍候再试。', unreachable: '服务器没有响应，正在重试。',
  noEvents: '服务器关闭了事件（http_api.events）：数据不会自动更新。',
  live: '已连接', lost: '连接中断',
  received: '入', sent: '出', bandwidth: '带宽', players: '观众', cpu: 'CPU', memory: '内存',
  process: '进程', machine: '整机', skips: '跳帧', load: '负载',
  happened: '最近事件', nothing: '暂无。',
  stream: '流', codec: '编码', rate: '码率', viewers: '观众', gop: 'GOP', frames: '帧率', actions: '操作',
  play: '播放', kick: '踢出', sure: '？', record: '录制', recordStop: '停止录制', split: '新文件', recording: '录制中',
  failing: '失败', pending: '等待中',
  noStreams: '当前没有推流。', waiting: '等待推流', filter: '流名称', filterStreams: '名称的一部分', filterClients: '名称、地址或 ID 的一部分', noMatch: '没有符合的内容。', order: '排序',
  anyType: '全部协议',
  itsLog: '它的日志', copy: '复制', copied: '已复制', addresses: '播放地址', allOfIt: '全部',
  profile: '规格', picture: '画面', sound: '声音', inputs: '推流端', leftOut: '未带入', tsErrors: 'TR 101 290 一级 · 二级', tsThrough: '原样转发', packets: '个包', isLive: '直播中', noSuchStream: '现在没有这路流。',
  client: '客户端', address: '地址', kind: '类型', since: '连接时长', traffic: '流量', rtt: 'RTT', lag: '延迟', retransmits: '重传',
  noClients: '没有客户端。', earlier: '上一页', later: '下一页', of: '/',
  running: '正在录制', complete: '已完成', file: '文件', size: '大小', length: '时长', when: '开始时间', download: '下载',
  device: '设备', channel: '通道', channels: '通道', state: '状态', move: '云台', online: '在线', offline: '离线',
  talk: '对讲', endTalk: '停止对讲', talking: '对方可听到', talkComes: '等待设备', noMicrophone: '没有麦克风：被禁止、不存在，或页面不是 HTTPS。',
  notPublished: '麦克风无法发布（rtc_server、虚拟主机的 rtc）：',
  noDevices: '没有设备注册。', noChannels: '设备没有报告通道。', noGb: '没有配置带 sip 的 GB28181（stream_caster）。',
  fetched: '拉取', sentOn: '转推', ownSound: '音频来自', stands: '最后一帧静止播放中', priority: '优先级', shown: '正在播放', pinned: '已固定', pin: '固定', unpin: '取消固定', start: '开始', halt: '停止',
  howToAdd: '用 POST /api/v1/sources/ 和 /api/v1/forwards/ 添加；http_api 写了 overlay 时会保留。',
  programs: '程序', starts: '启动次数', makes: '生成', runs: '运行中', waitsToStart: '等待启动',
  variables: '变量', origin: '来自', known: '已知', unknown: '尚未得到',
  srtPorts: 'SRT 端口', direction: '方向', sockets: '连接', refusedCallers: '被拒绝', wrongSecrets: '口令错误',
  noSources: '没有拉取的流。', noTargets: '没有转推的流。',
  thisServer: '本机', drain: '排空', welcome: '接纳新来者', draining: '排空中', open: '接纳新来者', nodes: '服务器', node: '服务器', self: '本机',
  noRegistry: '没有配置 registry：服务器要互相找到对方需要它。', registryGone: '注册中心不在；正在进行的继续。',
  claimed: '本机的流', epoch: '编号',
  noRecordings: '当前没有录制。', noFiles: '磁盘上没有录制的文件。', filterFiles: '路径的一部分', free: '剩余空间：', written: '写入时间', remove: '删除',
  draft: '保存之前先检查文件', openFile: '打开文件', check: '检查', saveAs: '另存为文件', unread: '其中提到的文件，均按空文件处理：',
  draftHow: '打开一个配置，或者写一个。服务器逐行指出错误，并说明会改变什么；什么都不会改变，文件只留在这个浏览器里。',
  noChanges: '文件与服务器正在使用的配置相同。', wouldChange: '重新加载会改变', from: '现在', to: '文件中', acts: '生效', default: '默认',
  atOnce: '立即', newSessions: '对新的会话', afterRestart: '重启之后', export: '存为文本',
  parameter: '参数', field: '字段', meaning: '含义', tryIt: '现在请求', aboutApi: '这台服务器的接口，由它自己描述。可以用 OpenAPI 文档生成客户端程序。',
  edit: '编辑配置', editHow: '服务器启动时所用的文件，包含其中的秘密。写入之前检查全部内容，写入后立即生效；之前的文件保留在旁边。',
  serverFile: '打开服务器的文件', write: '写入并启用', stepBack: '退回一步', writtenNow: '已写入并启用。', changedNow: '已改变', readOnly: '不能写入：',
  meanwhile: '期间有人改过这个文件，请重新打开。',
  left: '左', right: '右', up: '上', down: '下', nearer: '拉近', farther: '拉远',
  s_connecting: '正在连接', s_receiving: '正在接收', s_sending: '正在发送', s_waiting: '等待中', s_standby: '待命', s_stopped: '已停止', s_given_up: '已放弃',
  s_hot: '热备', s_warm: '温备', s_cold: '冷备', s_text: '配置', s_file: '文件', s_environment: '环境变量', s_command: '命令', s_api: 'API',
  s_both: '入和出', s_in: '入', s_out: '出', s_preparing: '准备中', s_inviting: '呼叫中', s_answered: '已应答', s_playing: '播放中', s_ending: '结束中', s_over: '已结束',
  setting: '配置项', value: '值', onlyWritten: '服务器正在使用的、与默认值不同的配置。密码已隐藏。',
  reload: '重新加载', reloading: '正在加载', reloaded: '配置已重新加载。',
  reloadFailed: '配置未改变：', noReload: '未允许重新加载（http_api.raw_api.allow_reload）。',
  level: '级别', follow: '跟随', contains: '包含', noLines: '没有符合的日志。', failed: '操作失败：', gone: '已不存在。',
  e_publish: '开始推流', e_unpublish: '停止推流', e_play: '开始播放', e_stop: '停止播放', e_record: '录制完成', e_reload: '重新加载',
  e_skip: '观众跳帧', e_hook: '回调', e_lost: '遗漏事件', e_drain: '排空', e_registry: '注册中心', e_evicted: '被别的服务器接走',
};

// With a number in them: one of it, and many.
const amounts = {
  en: {publishers: ['publisher', 'publishers'], clients: ['client', 'clients'], errors: ['error', 'errors'], switches: ['switch', 'switches'], cores: ['core', 'cores'], lines: ['line', 'lines']},
  zh: {publishers: ['路推流', '路推流'], clients: ['个客户端', '个客户端'], errors: ['个错误', '个错误'], switches: ['次切换', '次切换'], cores: ['核', '核'], lines: ['行', '行']},
};

// With numbers or words at {0}, {1}.
const sentences = {
  en: {onlySome: 'The first {0} of {1} are shown and put in order: search for the others.'},
  zh: {onlySome: '只显示并排序前 {0} 项，共 {1} 项：其余请搜索。'},
};

const kept = () => {
  try {
    return localStorage.getItem('weir-language');  // the page of players has the same
  } catch {
    return null;  // storage may be forbidden
  }
};

type Language = 'en' | 'zh';
const wished = new URLSearchParams(location.search).get('lang') ?? kept() ?? navigator.language;
let language: Language = wished.startsWith('zh') ? 'zh' : 'en';

export const languageNow = () => language;
export type Word = keyof typeof en;
export const text = (word: Word) => (language === 'zh' ? zh : en)[word];
export const amount = (of: keyof typeof amounts.en, count: number) => `${whole(count)} ${amounts[language][of][count === 1 ? 0 : 1]}`;
export const sentence = (name: keyof typeof sentences.en, ...values: (string | number)[]) =>
  sentences[language][name].replace(/\{(\d)\}/g, (_, at) => String(values[Number(at)]));
export const isWord = (word: string): word is Word => Object.hasOwn(en, word);

// What the API calls a state, in the reader's language; names that it has and we do not stay as they are.
export const stateName = (name: string) => (isWord(`s_${name}`) ? text(`s_${name}` as Word) : name);

export function applyLanguage() {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  document.title = `Weir · ${text('title')}`;
}

export function switchLanguage() {
  language = language === 'zh' ? 'en' : 'zh';
  try {
    localStorage.setItem('weir-language', language);
  } catch {
    // The choice lasts as long as the page.
  }
  applyLanguage();
}
