import {useState} from 'preact/hooks';
import * as api from './api';
import {Button, explain, Heads, Notice, usePolled} from './parts';
import {text, type Word} from './text';

// What a reload would do, before it is done.
function Changes({wake}: {wake: number}) {
  const [answer] = usePolled(api.changes, 5000, [wake]);
  return answer && <WouldChange answer={answer} />;
}

function WouldChange({answer}: {answer: api.Changes}) {
  const {mistakes, warnings, changes} = answer;
  const place = (one: api.Problem) => `${one.file}${one.line ? `:${one.line}` : ''}: ${one.reason}`;
  if (mistakes.length === 0 && changes.length === 0 && warnings.length === 0) return <p class="quiet">{text('noChanges')}</p>;
  return (
    <div class="changes">
      {mistakes.map((one) => <Notice key={place(one)} words={place(one)} kind="bad" />)}
      {mistakes.length === 0 && warnings.map((one) => <Notice key={place(one)} words={place(one)} />)}
      {changes.length > 0 && (
        <table class="settings">
          <caption>{text('wouldChange')}</caption>
          <Heads names={[text('setting'), text('from'), text('to'), text('acts')]} />
          <tbody>
            {changes.map((one) => (
              <tr key={one.path}><td><code>{one.path}</code></td><td class="long">{one.from || text('default')}</td><td class="long">{one.to || text('default')}</td><td class="quiet">{effect(one.effect)}</td></tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

const effects: Record<string, Word> = {'at once': 'atOnce', 'for new sessions': 'newSessions', 'after a restart': 'afterRestart'};
const effect = (name: string) => (effects[name] ? text(effects[name]) : name);

// The settings as a file of the reader's.
function exported(settings: api.Setting[]) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([settings.map(({path, value}) => `${path} ${value}\n`).join('')], {type: 'text/plain'}));
  link.download = 'weir-settings.txt';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// A file of the reader's, with its lines: checked against the server that runs before it is saved and put in place. It
// never leaves the browser but to be checked.
function Draft() {
  const [words, setWords] = useState('');
  const [answer, setAnswer] = useState<(api.Changes & {unread: number}) | null>(null);
  const [fault, setFault] = useState('');
  const lines = words.split('\n');
  const marks = new Map([...(answer?.warnings ?? []), ...(answer?.mistakes ?? [])].map((one) => [one.line, one.reason]));
  const check = async () => {
    setFault('');
    try {
      setAnswer(await api.checkText(words));
    } catch (problem) {
      setAnswer(null);
      setFault(explain(problem));
    }
  };
  const open = async (file?: File) => {
    if (!file) return;
    setWords(await file.text());
    setAnswer(null);
  };
  const save = () => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([words], {type: 'text/plain'}));
    link.download = 'weir.conf';
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  return (
    <details class="draft">
      <summary>{text('draft')}</summary>
      <p class="quiet">{text('draftHow')}</p>
      <div class="bar">
        <input type="file" aria-label={text('openFile')} onChange={(event) => { void open(event.currentTarget.files?.[0]); }} />
        <Button label={text('check')} act={check} />
        <button type="button" class="small" disabled={!words} onClick={save}>{text('saveAs')}</button>
      </div>
      <div class="editor">
        <ol aria-hidden="true">{lines.map((_, at) => <li key={at} class={marks.has(at + 1) ? 'marked' : ''} title={marks.get(at + 1) ?? ''} />)}</ol>
        <textarea spellcheck={false} wrap="off" rows={Math.min(Math.max(lines.length, 12), 2000)} aria-label={text('draft')} value={words}
          onInput={(event) => { setWords(event.currentTarget.value); setAnswer(null); }} />
      </div>
      <Notice words={fault} kind="bad" />
      {answer && answer.unread > 0 && <p class="quiet">{text('unread')} {answer.unread}</p>}
      {answer && <WouldChange answer={answer} />}
    </details>
  );
}

export function Settings({wake}: {wake: number}) {
  const [result, setResult] = useState('');
  const [kind, setKind] = useState<'' | 'good' | 'bad'>('');
  const [answer, unreachable, look] = usePolled(api.settings, 10000, [wake]);
  const reload = async () => {
    setResult(text('reloading'));
    setKind('');
    try {
      const fault = await api.reload();
      setResult(fault ? text('reloadFailed') + fault : text('reloaded'));
      setKind(fault ? 'bad' : 'good');
    } catch (problem) {
      setResult(explain(problem));
      setKind('bad');
    }
    look();
  };
  // A button that cannot work is not offered.
  const is_on = (name: string) => answer?.settings.some(({path, value}) => path === `http_api.raw_api.${name}` && value === 'on');
  const may_reload = is_on('enabled') && is_on('allow_reload');
  return (
    <section>
      <div class="bar">
        <h2>{text('settings')}</h2>
        {answer && (may_reload ? <Button label={text('reload')} kind="primary reload" act={reload} /> : <span class="quiet">{text('noReload')}</span>)}
      </div>
      <Notice words={result || unreachable} kind={result ? kind : 'bad'} />
      <Changes wake={wake} />
      <Draft />
      <p class="quiet">{text('onlyWritten')} <button type="button" class="small" onClick={() => exported(answer?.settings ?? [])}>{text('export')}</button></p>
      <table class="settings">
        <Heads names={[text('setting'), text('value')]} />
        <tbody>
          {answer?.settings.map(({path, value}) => <tr key={path}><td><code>{path}</code></td><td class="long">{value}</td></tr>)}
        </tbody>
      </table>
    </section>
  );
}
