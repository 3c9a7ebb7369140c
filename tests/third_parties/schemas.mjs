// Validates samples with Ajv against JSON Schemas of 2020-12. In: [{name, schema, valid: [...], invalid: [...]}]. Out: how many were taken and
// refused, and every sample that was judged otherwise than wanted.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const require = createRequire(process.env.NODE_MODULES_OF);
const Ajv = require('ajv/dist/2020').default;
const addFormats = require('ajv-formats').default;

const ajv = addFormats(new Ajv({ strict: true, allowUnionTypes: true, strictTypes: false, allErrors: true }));
const out = { taken: 0, refused: 0, wrong: [] };
for (const { name, schema, valid, invalid } of JSON.parse(readFileSync(0, 'utf8'))) {
  const validate = ajv.compile(schema);
  for (const sample of valid) {
    if (validate(sample)) out.taken += 1;
    else out.wrong.push(`${name}: ${ajv.errorsText(validate.errors)}`);
  }
  for (const sample of invalid) {
    if (validate(sample)) out.wrong.push(`${name}: took ${JSON.stringify(sample)}`);
    else out.refused += 1;
  }
}
console.log(JSON.stringify(out));
