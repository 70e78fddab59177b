// The app as a person uses it: every way in and every place to look, by test id.
import { expect, type Locator, type Page } from '@playwright/test';

export class DeskPage {
  readonly page: Page;
  readonly #url: string;

  constructor(page: Page, url: string) {
    this.page = page;
    this.#url = url;
  }

  at(testId: string): Locator {
    return this.page.getByTestId(testId);
  }

  get statusButton(): Locator {
    return this.at('status-button');
  }

  async open(): Promise<void> {
    await this.page.goto(this.#url);
  }

  async fillSignIn(extension: string, password: string): Promise<void> {
    await this.at('sign-in-extension').fill(extension);
    await this.at('sign-in-password').fill(password);
    await this.at('sign-in-submit').click();
  }

  /** From nothing to the desk. */
  async signIn(extension: string, password: string): Promise<void> {
    await this.open();
    await this.fillSignIn(extension, password);
    await expect(this.at('desk')).toBeVisible();
  }

  /** The desk says so: chosen, stored at the bridge, and Asterisk agrees. */
  async expectStatus(status: string, reason?: string): Promise<void> {
    await expect(this.statusButton).toHaveAttribute('data-status', status);
    await expect(this.statusButton).toHaveAttribute('data-confirmed', 'true');
    if (reason !== undefined) await expect(this.at('status-reason')).toContainText(reason);
    await expect(this.at('truth-asterisk')).toHaveAttribute('data-state', 'ok');
  }

  /** Chosen and kept on this device; the centre does not know yet. */
  async expectUnconfirmed(status: string): Promise<void> {
    await expect(this.statusButton).toHaveAttribute('data-status', status);
    await expect(this.statusButton).toHaveAttribute('data-saving', 'false');
    await expect(this.statusButton).toHaveAttribute('data-confirmed', 'false');
  }

  /** The same browser in another tab. */
  async anotherTab(): Promise<DeskPage> {
    const tab = new DeskPage(await this.page.context().newPage(), this.#url);
    await tab.open();
    return tab;
  }

  async expectReachable(): Promise<void> {
    await expect(this.at('truth-phone')).toHaveAttribute('data-state', 'ok');
  }

  async openPicker(): Promise<void> {
    await this.statusButton.click();
    await expect(this.at('status-picker')).toBeVisible();
  }

  async choose(status: string): Promise<void> {
    await this.openPicker();
    await this.at(`status-option-${status}`).click();
  }

  async chooseReason(status: string, reasonId: string): Promise<void> {
    await this.openPicker();
    await this.at(`reasons-of-${status}`).click();
    await this.at(`reason-option-${reasonId}`).click();
  }

  async chooseTyped(status: string, reason: string): Promise<void> {
    await this.openPicker();
    await this.at(`reasons-of-${status}`).click();
    await this.at('reason-input').fill(reason);
    await this.at('reason-submit').click();
  }

  /** Another page of the app, as a person gets there at any width. */
  async openPage(page: 'desk' | 'devices' | 'health'): Promise<void> {
    const way = this.at(`nav-${page}`);
    if (!(await way.isVisible())) await this.at('settings-button').click();
    await way.click();
    await expect(this.at('desk')).toHaveAttribute('data-page', page);
  }

  async signOut(): Promise<void> {
    const button = this.at('sign-out');
    if (!(await button.isVisible())) await this.at('settings-button').click();
    await button.click();
    await expect(this.at('sign-in-form')).toBeVisible();
  }
}
