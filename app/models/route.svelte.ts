// The page that is open, in step with the browser's address.
import { pageOf, type Page } from './pages.ts';
import type { AddressPort } from './ports.ts';

export class Route {
  readonly #address: AddressPort;
  #page = $state.raw<Page>('desk');

  constructor(address: AddressPort) {
    this.#address = address;
    const read = (): void => void (this.#page = pageOf(address.read()) ?? 'desk');
    address.watch(read);
    read();
  }

  get page(): Page {
    return this.#page;
  }

  go(page: Page): void {
    if (page === this.#page) return;
    this.#page = page;
    this.#address.write(page === 'desk' ? '' : page);
  }
}
