import unittest


class Test(unittest.TestCase):
    def test_a(self):
        self.assertEquals(1, 1)
        self.assertEquals(2, 2)
