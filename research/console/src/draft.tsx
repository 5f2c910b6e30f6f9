// The text of a configuration: checked, and where the server lets it be (edit_file), its own file, written and put in force.

import {useRef, useState} from 'preact/hooks';
import * as api from './api';
import {Button, explain, Heads, Notice, Sure, usePolled} from './parts';
import {text, type Word} from './text';

export function WouldChange({answer, done = false}: {answer: api.Changes; done?: boolean}) {
  const {mistakes, warnings, changes} = answer;
  const place = (one: api.Problem) => `${one.file}${one.line ? `:${one.line}` : ''}: ${one.reason}`;
  if (mistakes.length === 0 && changes.length === 0 && warnings.length === 0) return <p class="quiet">{text('noChanges')}</p>;
  return (
    <div class="changes">
      {mistakes.map((one) => <Notice key={place(one)} words={place(one)} kind="bad" />)}
      {mistakes.length === 0 && warnings.map((one) => <Notice key={place(one)} words={place(one)} />)}
      {changes.length > 0 && (
        <table class="settings">
          <caption>{text(done ? 'changedNow' : 'wouldChange')}</caption>
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

type Answer = api.Changes & {unread?: number};

export function Draft({wake, told, editable}: {wake: number; told: () => void; editable: boolean}) {
  const [words, setWords] = useState('');
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [result, setResult] = useState('');
  const [kind, setKind] = useState<'' | 'good' | 'bad'>('');
  const [digest, setDigest] = useState('');  // of the server's file that is being edited; empty: it is the reader's own text
  const [own, , look] = usePolled(() => (editable ? api.configFile() : Promise.resolve(undefined)), 10000, [wake, editable]);
  const chooser = useRef<HTMLInputElement>(null);
  const lines = words.split('\n');
  const marks = new Map([...(answer?.warnings ?? []), ...(answer?.mistakes ?? [])].map((one) => [one.line, one.reason]));
  const say = (told: string, how: typeof kind) => {
    setResult(told);
    setKind(how);
  };
  const put = (next: string, of: string) => {
    setWords(next);
    setDigest(of);
    setAnswer(null);
    say('', '');
  };
  const attempt = async (work: () => Promise<void>) => {
    say('', '');
    try {
      await work();
    } catch (problem) {
      setAnswer(null);
      say(explain(problem), 'bad');
    }
  };
  const check = () => attempt(async () => setAnswer(await api.checkText(words)));
  const open = async (file?: File) => {
    if (file) put(await file.text(), digest);
  };
  const openOwn = () => attempt(async () => {
    const now = await api.configFile();
    if (now) put(now.text, now.digest);
  });
  const keep = (done: api.Written) => {
    if (done.status === 200) {
      setDigest(done.digest);
      setAnswer({...done});
      say(text('writtenNow'), 'good');
    } else {
      setAnswer(done.status === 422 ? {...done} : null);
      say(done.status === 412 ? text('meanwhile') : text('failed') + done.message, 'bad');
    }
    look();
    told();
  };
  const write = () => attempt(async () => keep(await api.writeFile(words, digest)));
  const undo = () => attempt(async () => {
    const done = await api.undoFile();
    const now = done.status === 200 ? await api.configFile() : undefined;
    if (now) put(now.text, now.digest);
    keep(done);
  });
  const save = () => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([words], {type: 'text/plain'}));
    link.download = 'weir.conf';
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  return (
    <details class="draft">
      <summary>{text(own ? 'edit' : 'draft')}</summary>
      <p class="quiet">{text(own ? 'editHow' : 'draftHow')}</p>
      {own && !own.writable && <Notice words={text('readOnly') + own.read_only} />}
      <div class="bar">
        {own && <Button label={text('serverFile')} act={openOwn} />}
        <input ref={chooser} type="file" hidden aria-label={text('openFile')} onChange={(event) => { void open(event.currentTarget.files?.[0]); event.currentTarget.value = ''; }} />
        <button type="button" class="small" onClick={() => chooser.current?.click()}>{text('openFile')}</button>
        <Button label={text('check')} act={check} off={!words} />
        <button type="button" class="small" disabled={!words} onClick={save}>{text('saveAs')}</button>
        {own?.writable && <Sure label={text('write')} what={own.file} act={write} kind="primary" off={!digest || !words} />}
        {own?.writable && own.can_undo && <Sure label={text('stepBack')} what={own.file} act={undo} />}
      </div>
      <div class="editor">
        <ol aria-hidden="true">{lines.map((_, at) => <li key={at} class={marks.has(at + 1) ? 'marked' : ''} title={marks.get(at + 1) ?? ''} />)}</ol>
        <textarea spellcheck={false} wrap="off" rows={Math.min(Math.max(lines.length, 12), 5000)} aria-label={text(own ? 'edit' : 'draft')} value={words}
          onInput={(event) => { setWords(event.currentTarget.value); setAnswer(null); say('', ''); }} />
      </div>
      <Notice words={result} kind={kind} />
      {answer && (answer.unread ?? 0) > 0 && <p class="quiet">{text('unread')} {answer.unread}</p>}
      {answer && <WouldChange answer={answer} done={kind === 'good'} />}
    </details>
  );
}
