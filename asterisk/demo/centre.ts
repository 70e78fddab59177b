// The demo centre (OP6), as data. Invented people.

export interface DemoPerson {
  readonly extension: string;
  readonly name: string;
  readonly role: 'agent' | 'supervisor';
  readonly teams: readonly string[];
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
    { extension: '1001', name: 'Ada Berg', role: 'agent', teams: ['support'] },
    { extension: '1002', name: 'Boris Lind', role: 'agent', teams: ['support', 'sales'] },
    { extension: '1003', name: 'Clara Novak', role: 'agent', teams: ['sales'] },
    { extension: '1004', name: 'Dmitri Falk', role: 'agent', teams: ['sales'] },
    { extension: '1005', name: 'Elena Mora', role: 'agent', teams: ['sales'] },
    { extension: '1006', name: 'Felix Orlov', role: 'agent', teams: ['sales'] },
    { extension: '1100', name: 'Grace Winter', role: 'supervisor', teams: ['support', 'sales'] },
  ] satisfies readonly DemoPerson[] as readonly DemoPerson[],
} as const;
