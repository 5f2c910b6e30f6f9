import {useState} from 'preact/hooks';
import * as api from './api';
import {Draft, WouldChange} from './draft';
import {Button, explain, Heads, Notice, usePolled} from './parts';
import {text} from './text';

// What a reload would do, before it is done.
function Changes({wake}: {wake: number}) {
  const [answer] = usePolled(api.changes, 5000, [wake]);
  return answer && <WouldChange answer={answer} />;
}

// The settings as a file of the reader's.
function exported(settings: api.Setting[]) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([settings.map(({path, value}) => `${path} ${value}\n`).join('')], {type: 'text/plain'}));
  link.download = 'weir-settings.txt';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
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
  const is_on = (name: string) => answer?.settings.some(({path, value}) => path === `http_api.${name}` && value === 'on');
  const may_reload = is_on('raw_api.enabled') && is_on('raw_api.allow_reload');
  return (
    <section>
      <div class="bar">
        <h2>{text('settings')}</h2>
        {answer && (may_reload ? <Button label={text('reload')} kind="primary reload" act={reload} /> : <span class="quiet">{text('noReload')}</span>)}
      </div>
      <Notice words={result || unreachable} kind={result ? kind : 'bad'} />
      <Changes wake={wake} />
      <Draft wake={wake} told={look} editable={is_on('edit_file') ?? false} />
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
