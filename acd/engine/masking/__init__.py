"""A mask over a call's recording, while the caller says what must not be kept (a card number, a PIN): see docs/masking.md.

The mask is a state of the call, not of a recorder. While it is on, every recorder of the call writes silence: the one that runs, and each that
begins meanwhile, after a transfer or for a consult. It ends when it is asked to, by itself after Rules.mask_limit, and with the call.

events    what is asked and told
state     the mask of a call
legs      where it lies in the recording of each leg
asked     the handlers of the events and of the deadline, and why something is refused
"""
