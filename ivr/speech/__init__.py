"""What a caller says in the place of a key. Nothing here recognises speech: that is a process of its own (acd/speech).

phrases     what may be said for each key of a menu, and how the key is named when it is asked back
matching    text against the few phrases that are expected: by the distance of sounds; sure, unsure, or nothing
pinyin      Chinese characters as syllables, and how alike two of them sound
digits      a number that was said digit by digit
doubts      how often a caller was not understood
asking      parts of stories: a choice, a number; asked back, and keys alone after two that were not understood
sound       a caller's sound from Asterisk (AudioSocket), and where speech begins and ends in it
inspect     phrases that sound alike, and keys without any, for `menu check`
hearing     sound to text: asks the process beside the daemon within a limit; whoever gets no answer goes on with keys
"""
