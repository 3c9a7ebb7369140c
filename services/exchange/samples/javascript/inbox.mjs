// Takes each event once. Delivery is at least once: what was under way when something died comes again, with the same id.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

export class Inbox {
  #file;
  #taken;

  constructor(file) {
    this.#file = file;
    this.#taken = new Set(existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []);
  }

  /** Prints an event that is new. In place of this stands your own work, and in place of the file your database: one commit that holds the effect
   * and the id. With a file a crash between the two has the effect twice. */
  take({ id, type, subject, data }) {
    if (this.#taken.has(id)) return;
    console.log(`${type} ${subject} ${JSON.stringify(data)}`);
    appendFileSync(this.#file, `${id}\n`, { flush: true });
    this.#taken.add(id);
  }
}
