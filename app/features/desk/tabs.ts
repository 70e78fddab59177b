// The sections of the desk at phone width.
export type Tab = 'desk' | 'people' | 'more';
