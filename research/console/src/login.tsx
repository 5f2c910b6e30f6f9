import {useState} from 'preact/hooks';
import * as api from './api';
import {explain, Notice} from './parts';
import {text} from './text';

export function Login({enter}: {enter: () => void}) {
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const [fault, setFault] = useState('');
  const submit = async (event: Event) => {
    event.preventDefault();
    api.signIn(user, password);
    try {
      await api.version();
      enter();
    } catch (problem) {
      api.signOut();
      const status = problem instanceof api.Refused ? problem.status : 0;
      setFault(status === 401 ? text('wrong') : status === 403 ? text('forbidden') : status === 429 ? text('locked') : explain(problem));
    }
  };
  return (
    <main><form class="login" onSubmit={submit}>
      <section>
        <h2>{text('signIn')}</h2>
        <label>{text('user')}
          <input name="user" autocomplete="username" autocapitalize="off" spellcheck={false} value={user} onInput={(event) => setUser(event.currentTarget.value)} />
        </label>
        <label>{text('password')}
          <input name="password" type="password" autocomplete="current-password" value={password} onInput={(event) => setPassword(event.currentTarget.value)} />
        </label>
        <Notice words={fault} />
        <button type="submit" class="primary">{text('signIn')}</button>
      </section>
    </form></main>
  );
}
