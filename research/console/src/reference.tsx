// The API as the server itself describes it (OpenAPI): what there is to ask, with what, and what comes back. Reads can be tried.

import {useEffect, useState} from 'preact/hooks';
import * as api from './api';
import {explain, Heads, Notice} from './parts';
import {text} from './text';

interface Schema {
  $ref?: string; type?: string; enum?: string[]; description?: string; items?: Schema; oneOf?: Schema[]; properties?: Record<string, Schema>;
}
interface Parameter { $ref?: string; name: string; in: string; required?: boolean; description?: string; schema: Schema }
interface Response { $ref?: string; description: string; content?: Record<string, {schema: Schema}> }
interface Operation { operationId: string; tags: string[]; summary: string; parameters?: Parameter[]; responses: Record<string, Response> }
interface Document {
  tags: {name: string; description: string}[]; paths: Record<string, Record<string, Operation>>;
  components: Record<string, Record<string, unknown>>;
}

const deepest = 4;

class Described {
  constructor(readonly document: Document) {}
  find<T extends {$ref?: string}>(one: T): T {
    const [, , part = '', name = ''] = one.$ref?.split('/') ?? [];
    return name ? (this.document.components[part]?.[name] as T | undefined) ?? one : one;
  }
  // The members of an object, those of objects in it behind a dot.
  fields(given: Schema, before = '', depth = 0): [string, string, string][] {
    const schema = this.find(given);
    if (schema.oneOf) return this.fields(schema.oneOf[0] ?? {}, before, depth);
    return Object.entries(schema.properties ?? {}).flatMap(([name, of]) => {
      const list = this.find(of).type === 'array';
      const inner = this.find(list ? this.find(of).items ?? {} : of);
      const here = `${before}${name}${list ? '[]' : ''}`;
      const type = inner.enum?.join(', ') ?? inner.oneOf?.map((one) => this.find(one).type).join(', ') ?? inner.type ?? '';
      const deeper = depth < deepest ? this.fields(inner, `${here}.`, depth + 1) : [];
      return [[here, type, of.description ?? inner.description ?? ''] as [string, string, string], ...deeper];
    });
  }
}

function Rows({heads, rows}: {heads: string[]; rows: [string, string, string][]}) {
  if (rows.length === 0) return null;
  return (
    <table class="settings">
      <Heads names={heads} />
      <tbody>{rows.map(([name, type, meaning]) => <tr key={name}><td><code>{name}</code></td><td class="quiet">{type}</td><td class="long">{meaning}</td></tr>)}</tbody>
    </table>
  );
}

function Tried({path}: {path: string}) {
  const [answer, setAnswer] = useState('');
  const ask = async () => {
    try {
      setAnswer(JSON.stringify(await api.ask(path, 'GET', ''), null, 2));
    } catch (problem) {
      setAnswer(explain(problem));
    }
  };
  return (
    <>
      <button type="button" class="small" onClick={() => void ask()}>{text('tryIt')}</button>
      {answer && <pre class="lines short" tabIndex={0}>{answer}</pre>}
    </>
  );
}

function One({path, method, operation, described}: {path: string; method: string; operation: Operation; described: Described}) {
  const [open, setOpen] = useState(false);
  const parameters = (operation.parameters ?? []).map((one) => described.find(one));
  const answers = Object.entries(operation.responses).map(([status, one]) => [status, described.find(one)] as const);
  const good = answers.find(([status]) => status < '300')?.[1].content?.['application/json'];
  const can_try = method === 'get' && good && !path.includes('{');
  return (
    <details class="operation" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary><b class={`method ${method}`}>{method.toUpperCase()}</b> <code>{path}</code> <span class="quiet">{operation.summary}</span></summary>
      {open && (
        <div>
          <Rows heads={[text('parameter'), text('kind'), text('meaning')]}
            rows={parameters.map((one) => [`${one.name} (${one.in})`, one.schema.enum?.join(', ') ?? one.schema.type ?? '', one.description ?? ''])} />
          <dl class="facts">{answers.map(([status, one]) => <div key={status}><dt>{status}</dt><dd>{one.description}</dd></div>)}</dl>
          {can_try && <Tried path={path} />}
          {good && <Rows heads={[text('field'), text('kind'), text('meaning')]} rows={described.fields(good.schema)} />}
        </div>
      )}
    </details>
  );
}

export function Reference() {
  const [described, setDescribed] = useState<Described>();
  const [fault, setFault] = useState('');
  const [filter, setFilter] = useState('');
  useEffect(() => {
    api.description<Document>().then((document) => setDescribed(new Described(document)), (problem) => setFault(explain(problem)));
  }, []);
  const fits = (path: string, {summary, operationId}: Operation) => `${path} ${summary} ${operationId}`.toLowerCase().includes(filter.toLowerCase());
  const operations = Object.entries(described?.document.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item).filter(([, operation]) => fits(path, operation)).map(([method, operation]) => ({path, method, operation})));
  return (
    <>
      <section>
        <div class="bar">
          <h2>{text('reference')}</h2>
          <a class="small button" href="/api/v1/openapi.json" download="weir-openapi.json">OpenAPI</a>
          <input type="search" value={filter} placeholder={text('contains')} aria-label={text('contains')} onInput={(event) => setFilter(event.currentTarget.value)} />
        </div>
        <Notice words={fault} kind="bad" />
        <p class="quiet">{text('aboutApi')}</p>
      </section>
      {described?.document.tags.map(({name, description}) => {
        const here = operations.filter(({operation}) => operation.tags.includes(name));
        return here.length === 0 ? null : (
          <section key={name}>
            <h2>{description}</h2>
            {here.map((one) => <One key={one.operation.operationId} {...one} described={described} />)}
          </section>
        );
      })}
    </>
  );
}
