import unittest


class Test(unittest.TestCase):
    def test_a(self):
        self.assertItemsEqual([1, 2], [2, 1])
        self.assertItemsEqual([], [])
