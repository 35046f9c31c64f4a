"""Back-up, restore and removal of one installation.

    contents.py     what belongs to an installation, and where each part of it lies
    sealing.py      AES-256-GCM, and the key that a key file gives
    container.py    the file itself: plain or sealed, written under another name first, read at any place
    archive.py      the tar in it: a manifest, the files, the sum of each, the sum of all
    database.py     our tables out of one snapshot, and into an empty database
    make.py         backs up a hotline while calls go on
    restore.py      puts it into an empty machine
    placing.py      where the configuration's files go, and what the configuration then says
    purge.py        takes an installation off the machine

**What is read in which order.** First the database, in one snapshot; then the journal; then the rest of the state folder and the
configuration; recordings last. So the journal holds all that the database holds and some more, which is shipped after the
restore; every account, secret and version that the journal speaks of is there; and so is the sound of every talk that the
journal calls recorded. The other way round a row would be in the database whose line the journal does not have, and the next
call would be given that line's number: it would never be shipped.
"""
