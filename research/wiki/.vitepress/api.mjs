// The description of the HTTP API (OpenAPI) as pages, one for each of its files.

import {readFileSync} from 'node:fs';

const folder = 'trunk/app/api/openapi';
const read = (tree, name) => JSON.parse(readFileSync(`${tree}${folder}/${name}.json`, 'utf8'));
const words = {
  en: {parameters: 'Parameters', name: 'Name', type: 'Type', meaning: 'Meaning', answers: 'Answers', fields: 'Fields', required: 'required', schemas: 'What is in the answers'},
  zh: {parameters: '参数', name: '名称', type: '类型', meaning: '含义', answers: '应答', fields: '字段', required: '必需', schemas: '应答中的内容'},
};
const cell = (text) => (text ?? '').replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('{', '&#123;');
const table = (heads, rows) => (rows.length ? `| ${heads.join(' | ')} |\n|${heads.map(() => '---|').join('')}\n${rows.map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n')}\n\n` : '');

class Page {
  constructor(tree, name, language) {
    this.base = read(tree, 'base');
    this.schemas = read(tree, 'schemas');
    this.paths = read(tree, name);
    this.words = words[language];
    this.tag = this.base.tags.find((one) => one.name === name);
    this.named = new Set();
  }
  find(one) {
    const name = one?.$ref?.split('/');
    return name ? (name[2] === 'schemas' ? this.schemas : this.base.components[name[2]])[name[3]] : one;
  }
  type(schema) {
    if (schema.$ref) {
      const name = schema.$ref.split('/').at(-1);
      this.named.add(name);
      return `[${name}](#${name.toLowerCase()})`;
    }
    if (schema.oneOf) return schema.oneOf.map((one) => this.type(one)).join(', ');
    if (schema.type === 'array') return `${this.type(schema.items)}[]`;
    return schema.enum ? schema.enum.map((one) => `\`${one}\``).join(', ') : schema.type ?? '';
  }
  // The members of an object, those of objects in it behind a dot.
  fields(schema, before = '') {
    return Object.entries(schema.properties ?? {}).flatMap(([name, of]) => {
      const inner = of.type === 'array' ? of.items : of;
      const here = `${before}${name}${of.type === 'array' ? '[]' : ''}`;
      return [[`\`${here}\``, inner.properties ? (of.type === 'array' ? 'object[]' : 'object') : this.type(of), of.description ?? ''],
        ...(inner.properties ? this.fields(inner, `${here}.`) : [])];
    });
  }
  answer([status, given]) {
    const response = this.find(given);
    const schema = this.find(response.content?.['application/json']?.schema);
    const bodies = (schema?.oneOf ?? (schema ? [schema] : [])).filter((one) => one.properties);
    const rows = status < '300' ? bodies.flatMap((one) => this.fields(one)) : [];
    return `* **${status}** ${cell(response.description)}\n\n${table([this.words.fields, this.words.type, this.words.meaning], rows)}`;
  }
  operation(path, method, of) {
    const parameters = (of.parameters ?? []).map((one) => this.find(one));
    const rows = parameters.map((one) => [`\`${one.name}\` (${one.in}${one.required ? `, ${this.words.required}` : ''})`, this.type(one.schema), one.description ?? '']);
    return `## ${of.summary.replaceAll('<', '&lt;')} {#${of.operationId.toLowerCase()}}\n\n\`${method.toUpperCase()} ${path}\`\n\n${cell(of.description)}\n\n${
      table([this.words.parameters, this.words.type, this.words.meaning], rows)}**${this.words.answers}**\n\n${Object.entries(of.responses).map((one) => this.answer(one)).join('')}`;
  }
  text() {
    const operations = Object.entries(this.paths).flatMap(([path, item]) => Object.entries(item).map(([method, of]) => this.operation(path, method, of)));
    const told = new Set();
    let schemas = '';
    for (let more = true; more;) {
      more = false;
      for (const name of this.named) {
        if (told.has(name)) continue;
        told.add(name);
        more = true;
        schemas += `### ${name} {#${name.toLowerCase()}}\n\n${cell(this.schemas[name].description)}\n\n${table([this.words.fields, this.words.type, this.words.meaning], this.fields(this.schemas[name]))}`;
      }
    }
    return `${this.tag.description}\n\n${operations.join('')}${schemas && `## ${this.words.schemas} {#schemas}\n\n${schemas}`}`;
  }
}

export const apiFiles = (tree) => read(tree, 'base').tags.map(({name}) => `${folder}/${name}.json`);
export const apiPage = (tree, file, language) => new Page(tree, /(\w+)\.json$/.exec(file)[1], language).text();
