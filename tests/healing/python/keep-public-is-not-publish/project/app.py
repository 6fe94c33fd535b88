class Post:
    def __init__(self, title):
        self.title = title
        self.published_at = None

    def publish(self):
        self.published_at = "now"


posts = [Post("a"), Post("b")]
print([p.title for p in posts if p.public])
