print(np.zeros(2))
