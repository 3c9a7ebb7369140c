// Reads an AsyncAPI document with the official parser. In: the document. Out: the parser's complaints by severity, and what it found. In version 3
// the parser does not hold examples against their schemas; Ajv does, with the schemas as the parser resolved them.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const require = createRequire(process.env.NODE_MODULES_OF);
const { Parser, DiagnosticSeverity } = require('@asyncapi/parser');
const Ajv = require('ajv');
const addFormats = require('ajv-formats').default;

const { document, diagnostics } = await new Parser().parse(readFileSync(0, 'utf8'));
const said = (severity) =>
  diagnostics
    .filter((diagnostic) => diagnostic.severity === severity)
    .map(({ code, message, path }) => `${code} at ${path.join('.')}: ${message}`);
const messages = document?.messages().all() ?? [];
// The parser adds keywords of its own to the schemas.
const ajv = addFormats(new Ajv({ strict: false }));
const fits = (schema, value) => ajv.validate(schema.json(), value);
const examples = messages.flatMap((message) =>
  message.examples().all().map((example) => ({
    name: message.name(),
    fits: fits(message.payload(), example.payload()) && fits(message.headers(), example.headers()),
  })),
);
console.log(
  JSON.stringify({
    errors: said(DiagnosticSeverity.Error),
    warnings: said(DiagnosticSeverity.Warning),
    notes: said(DiagnosticSeverity.Information),
    version: document?.version(),
    channels: document?.channels().all().map((channel) => channel.address()) ?? [],
    messages: messages.map((message) => message.name()),
    examples: examples.length,
    misfits: examples.filter((example) => !example.fits).map((example) => example.name),
    sends: document?.operations().filterBySend().length,
    receives: document?.operations().filterByReceive().length,
    protocols: document?.servers().all().map((server) => server.protocol()) ?? [],
  }),
);
