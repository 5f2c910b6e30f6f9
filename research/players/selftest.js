// The self-test: what works between this browser and the server, and what is in the way, in words; a report to copy.

import {names, runChecks} from './checks.js';
import {$, copy, element, sentence} from './dom.js';
import {applyText, setUpLanguage, text} from './text.js';
import {setUpTheme} from './theme.js';
import {pageLink, parseStream, streamLabel, streamOfHash} from './urls.js';

const marks = {true: '✓', false: '✗', null: '–', running: '…', waits: ''};
let results = names.map(() => null);  // {ok, words, ms} or 'running'
let running = false;

function wordsOf(result) {
  if (result === 'running') return text('checkRunning');
  return result ? sentence(result.words) : '';
}
const timeOf = (result) => (result?.ms >= 1 ? `${Math.round(result.ms)} ms` : '');
const stateOf = (result) => (result === 'running' ? 'running' : result ? String(result.ok) : 'waits');

function verdict() {
  if (running) return text('testRunning');
  if (!results.some(Boolean)) return '';
  const wrong = results.filter((result) => result?.ok === false).length;
  return wrong ? text('testWrong', wrong) : text('testRight');
}

function show() {
  $('verdict').textContent = verdict();
  $('verdict').dataset.ok = String(running ? null : !results.some((result) => result?.ok === false));
  $('again').disabled = running;
  $('copy').disabled = running;
  $('checks').replaceChildren(...names.map((name, index) => {
    const result = results[index], state = stateOf(result);
    const item = element('li', state, element('span', 'mark', marks[state]),
      element('div', '', element('strong', '', text(name)), element('span', '', wordsOf(result))), element('span', 'quiet time', timeOf(result)));
    item.dataset.check = name;
    item.dataset.state = state;
    return item;
  }));
}

function report() {
  return [`${text('testTitle')}: ${location.host}, ${new Date().toISOString()}`, navigator.userAgent, verdict(), '',
    ...names.map((name, index) => [`[${marks[stateOf(results[index])]}]`, `${text(name)}:`, wordsOf(results[index]), timeOf(results[index])].filter(Boolean).join(' ')), ''].join('\n');
}

function written() {
  const value = $('stream').value.trim().replace(/^\/+/, '');
  return value.includes('/') ? parseStream(`/${value}`) : null;
}

async function run() {
  if (running) return;
  running = true;
  results = names.map(() => null);
  show();
  const linked = streamOfHash();
  const stream = written() ?? linked;
  const found = await runChecks({stream: linked && stream && streamLabel({...linked, vhost: ''}) === streamLabel(stream) ? linked : stream, video: $('video'),
    onCheck(index, result, ms) {
      results[index] = result ? {...result, ms} : 'running';
      show();
    }});
  if (!$('stream').value && found.stream) $('stream').placeholder = streamLabel(found.stream);
  running = false;
  show();
}

function showAll() {
  $('to-home').href = pageLink('');
  $('to-publish').href = pageLink('publish.html');
  show();
}

$('again').addEventListener('click', run);
$('copy').addEventListener('click', () => copy(report(), $('copy')));
setUpLanguage($('language'), showAll);
setUpTheme($('theme'));
applyText();
$('server').textContent = location.host;
const linked = streamOfHash();
if (linked) $('stream').value = streamLabel({...linked, vhost: ''});
showAll();
run();
