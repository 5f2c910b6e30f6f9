import {useState} from 'preact/hooks';
import * as api from './api';
import {Button, explain, Heads, Notice, usePolled} from './parts';
import {text} from './text';

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
  return (
    <section>
      <div class="bar">
        <h2>{text('settings')}</h2>
        <Button label={text('reload')} kind="primary reload" act={reload} />
      </div>
      <Notice words={result || unreachable} kind={result ? kind : 'bad'} />
      <p class="quiet">{text('onlyWritten')}</p>
      <table class="settings">
        <Heads names={[text('setting'), text('value')]} />
        <tbody>
          {answer?.settings.map(({path, value}) => <tr key={path}><td><code>{path}</code></td><td class="long">{value}</td></tr>)}
        </tbody>
      </table>
    </section>
  );
}
