// The demo centre (OP6), as data. Invented people.

export interface DemoPerson {
  readonly extension: string;
  readonly name: string;
  readonly role: 'agent' | 'supervisor';
  readonly team: string;
}

export const demoCentre = {
  /** OP6: goes into the database, so that production can refuse it by name. */
  demo: true,
  name: 'demo',
  queues: [
    { name: 'support', members: ['1001', '1002'] },
    { name: 'sales', members: ['1002', '1003', '1004', '1005', '1006'] },
  ],
  people: [
    { extension: '1001', name: 'Ada Berg', role: 'agent', team: 'support' },
    { extension: '1002', name: 'Boris Lind', role: 'agent', team: 'support' },
    { extension: '1003', name: 'Clara Novak', role: 'agent', team: 'sales' },
    { extension: '1004', name: 'Dmitri Falk', role: 'agent', team: 'sales' },
    { extension: '1005', name: 'Elena Mora', role: 'agent', team: 'sales' },
    { extension: '1006', name: 'Felix Orlov', role: 'agent', team: 'sales' },
    { extension: '1100', name: 'Grace Winter', role: 'supervisor', team: 'support' },
  ] satisfies readonly DemoPerson[] as readonly DemoPerson[],
} as const;
