/** English words for addresses that lead nowhere. */
export default {
  product: 'Sanxiang',
  home: 'Go to the start page',
  columns: 'Columns {from} to {to} of {n}',
  columnsBefore: 'Previous',
  columnsAfter: 'Next',
  one: { agents: 'Agent', calls: 'Call', recordings: 'Recording', reviews: 'Talk to grade', customers: 'Customer' },
  newBuild: { what: 'A new version of this page is ready.', reload: 'Reload' },
  unknown: {
    title: 'Page not found',
    what: 'The address may be wrong, or the page may have been removed.',
  },
  'not-allowed': {
    title: 'This page is not for your role',
    what: 'An administrator can give your account a role that includes it.',
  },
  nothing: {
    title: 'There is no page for your role',
    what: 'An administrator can give your account another role.',
  },
}
