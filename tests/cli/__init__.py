"""The command line by itself: what it says of files, ports and logs, without a hotline that runs."""
