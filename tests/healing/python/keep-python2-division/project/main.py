import sys


def main():
    try:
        print "half", 3/2
    except ValueError, e:
        print >>sys.stderr, e


main()
